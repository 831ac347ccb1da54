import type { Commands } from '../../auth/commands.ts';
import {
  CommandError,
  type GivenOptions,
  textForTerminal,
  UsageError,
} from '../../platform/command-line/index.ts';
import { createRoles, type RoleChange } from './roles.ts';
import { rolesFrom, rolesSettings } from './settings.ts';

export const rolesCommand: Commands = ({ onAccount, settingsOf }) => [
  onAccount(
    {
      name: 'user roles',
      summary: 'Show the roles of an account, or change them.',
      options: {
        set: { type: 'string', explanation: 'The roles that it has from now on, such as admin,editor.' },
        add: { type: 'string', explanation: 'Roles that it has as well.' },
        remove: { type: 'string', explanation: 'Roles that it has no longer.' },
      },
    },
    async ({ id, username }, context, given) => {
      const { roles: defined = [] } = settingsOf(rolesSettings);
      const roles = createRoles(context, settingsOf);
      const change = changeFrom(given);
      if (change !== null) {
        const changed = await roles.change({ ...context, accountId: id, change });
        if (!changed.ok) throw new CommandError(reasonText(changed.reason, defined));
      }
      const present = (await roles.of([id])).get(id) ?? [];
      const text = `${textForTerminal(username)} has ${present.length === 0 ? 'no roles' : present.join(', ')}.`;
      return { json: { id, username, roles: present }, text };
    },
  ),
];

function changeFrom({ set, add, remove }: GivenOptions): RoleChange | null {
  const names = (text: GivenOptions[string]) => (typeof text === 'string' ? rolesFrom(text) : []);
  if (set !== undefined && (add !== undefined || remove !== undefined))
    throw new UsageError('--set goes without --add and --remove');
  if (set !== undefined) return names(set);
  return add === undefined && remove === undefined ? null : { add: names(add), remove: names(remove) };
}

function reasonText(reason: 'not-found' | 'unknown-role', defined: readonly string[]): string {
  if (reason === 'not-found') return 'The account was deleted meanwhile';
  if (defined.length === 0) return 'No roles are defined; set ROLES, such as ROLES=admin,editor';
  return `There is no such role; ROLES has ${defined.join(', ')}`;
}
