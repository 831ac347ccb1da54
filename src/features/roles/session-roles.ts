import type { AccountRoles } from '../../auth/sessions/store.ts';
import type { SettingsOf } from '../../platform/settings/index.ts';
import { rolesSettings } from './settings.ts';
import { selectRolesOfSession, splitRoles } from './store.ts';

/** A session has the roles of its account and those of its identity provider, as far as the application defines them. */
export function rolesOfSessions(settingsOf: SettingsOf): AccountRoles | null {
  const { roles } = settingsOf(rolesSettings);
  if (roles === undefined) return null;
  return {
    select: selectRolesOfSession,
    join: (ofProvider, ofAccount) => {
      const given = new Set([...ofProvider, ...splitRoles(ofAccount ?? '')]);
      return roles.filter((role) => given.has(role));
    },
  };
}
