import { type AccountId, accountIds } from '../../auth/identifiers/ids.ts';
import type { AuthTables } from '../../auth/schema.ts';
import type * as sql from '../../platform/sql/index.ts';
import { idToBytes, newId } from '../../platform/text/index.ts';

export type RoleTables = {
  account_roles: {
    id: Uint8Array;
    account_id: Uint8Array;
    role: string;
    granted_at: number;
  };
};

const ROLE_BYTES = 64;

export const accountRolesStep: sql.Migration = {
  number: 2,
  name: 'roles of accounts',
  oldNodes: 'compatible',
  up: ({ schema }, columns) =>
    schema
      .createTable('account_roles')
      .ifNotExists()
      .addColumn('id', columns.id, (column) => column.primaryKey())
      .addColumn('account_id', columns.id, (column) => column.notNull())
      .addColumn('role', columns.key(ROLE_BYTES), (column) => column.notNull())
      .addColumn('granted_at', columns.time, (column) => column.notNull())
      .addUniqueConstraint('account_roles_account_role', ['account_id', 'role'])
      .addForeignKeyConstraint('account_roles_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(columns.clusteredByKey)
      .execute(),
  // For the accounts with a role, in the order of their creation.
  indexes: [{ name: 'account_roles_role', table: 'account_roles', column: 'role', orderedBy: 'account_id' }],
};

type Queries = sql.Queries<AuthTables & RoleTables>;
type Database = sql.Database<AuthTables & RoleTables>;

/** The roles of the account `sessions.account_id` of a surrounding statement, each followed by a space. */
export function selectRolesOfSession({ queries, joinTexts }: Database): sql.TextQuery {
  return queries
    .selectFrom('account_roles')
    .select(joinTexts('role').as('roles'))
    .whereRef('account_roles.account_id', '=', queries.dynamic.ref('sessions.account_id'))
    .$asScalar();
}

/** What `selectRolesOfSession` gives; a name that the engine has cut short is left out. */
export function splitRoles(text: string): readonly string[] {
  return text.split(' ').slice(0, -1);
}

export type GrantedRole = {
  readonly accountId: AccountId;
  readonly role: string;
  /** Milliseconds of UTC. */
  readonly grantedAt: number;
};

/** The roles of accounts, in alphabetical order. */
export async function rolesOf(queries: Queries, ids: readonly AccountId[]): Promise<readonly GrantedRole[]> {
  if (ids.length === 0) return [];
  const rows = await queries
    .selectFrom('account_roles')
    .select(['account_id', 'role', 'granted_at'])
    .where('account_id', 'in', ids.map(idToBytes))
    .orderBy('role')
    .execute();
  return rows.map((row) => ({
    accountId: accountIds.fromBytes(row.account_id),
    role: row.role,
    grantedAt: row.granted_at,
  }));
}

/** Gives roles to an account that has none of them. */
export async function insertRoles(
  transaction: Queries,
  accountId: AccountId,
  roles: readonly string[],
  now: number,
): Promise<void> {
  if (roles.length === 0) return;
  const rows = roles.map((role) => ({
    id: idToBytes(newId(now)),
    account_id: idToBytes(accountId),
    role,
    granted_at: now,
  }));
  await transaction.insertInto('account_roles').values(rows).execute();
}

export async function deleteRoles(
  transaction: Queries,
  accountId: AccountId,
  roles: readonly string[],
): Promise<void> {
  if (roles.length === 0) return;
  await transaction
    .deleteFrom('account_roles')
    .where('account_id', '=', idToBytes(accountId))
    .where('role', 'in', roles)
    .execute();
}
