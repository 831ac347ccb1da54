import { defineFeature } from '../../auth/feature.ts';
import { events, tables } from './definitions.ts';
import { roleData } from './personal-data.ts';
import { rolesCommand } from './roles-command.ts';
import { rolesOfSessions } from './session-roles.ts';
import { rolesSettings } from './settings.ts';
import { accountRolesStep } from './store.ts';
import * as words from './words.ts';

export { events } from './definitions.ts';
export { createRoles, type RoleChange, type Roles, rolesService } from './roles.ts';
export { roleList, rolesFrom, rolesSettings } from './settings.ts';
export type { RoleTables } from './store.ts';

/** Roles that the application defines and gives accounts, beside those that identity providers assert. */
export const roles = defineFeature({
  name: 'roles',
  words,
  events,
  settings: rolesSettings,
  tables,
  migrations: [accountRolesStep],
  accountRoles: rolesOfSessions,
  commands: rolesCommand,
  compose: ({ database }) => ({ personalData: [roleData(database)] }),
});
