import { z } from 'zod';
import { optionalSetting } from '../../../platform/settings/setting.ts';
import { readPairs } from './name-list.ts';

/** The setting that says what the groups of a provider are here. */
export function rolesSetting(name: string, meaning: string) {
  return optionalSetting({ name: `${name}_ROLES`, meaning, schema: roleMap });
}

/** Roles by the groups that have them; a group may have several, and a role several groups. */
export type RoleMap = ReadonlyMap<string, readonly string[]>;

const ROLE = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
export const MOST_ROLES = 30;

/** Whether this can be a role: it stands beside others, separated by spaces. */
export function isRole(name: string): boolean {
  return ROLE.test(name);
}

const roleMap: z.ZodType<RoleMap, string> = z.string().transform((text, context) => {
  const refuse = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  const pairs = readPairs(text);
  if (typeof pairs === 'string') return refuse(pairs);
  const roles = new Map<string, readonly string[]>();
  for (const [group, role] of pairs) {
    if (group === '' || !isRole(role) || pairs.length > MOST_ROLES)
      return refuse(
        `is no list of roles; give max. ${MOST_ROLES} pairs such as staff=editor, separated by commas`,
      );
    roles.set(group, [...(roles.get(group) ?? []), role]);
  }
  return roles;
});

/** What somebody may be here who belongs to these groups; each role once. */
export function rolesOf(roles: RoleMap, groups: readonly string[]): readonly string[] {
  return [...new Set(groups.flatMap((group) => roles.get(group) ?? []))];
}
