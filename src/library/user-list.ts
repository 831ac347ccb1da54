import type { Account } from '../auth/accounts/accounts.ts';
import { accountFrom } from '../auth/accounts/store.ts';
import type { AccountId } from '../auth/identifiers/ids.ts';
import type { AuthTables, Database } from '../auth/schema.ts';
import type { Roles, RoleTables } from '../features/roles/index.ts';
import type * as sql from '../platform/sql/index.ts';
import { limitTo } from '../platform/sql/index.ts';
import { idToBytes } from '../platform/text/index.ts';
import { formatCursor, type Order, type Position, parseCursor } from './user-cursor.ts';
import { type UserRecord, type UserState, userRecordFrom } from './user-record.ts';
import { type Prefixes, prefixesOf, rangeOf } from './user-search.ts';

export type UserQuery<Role extends string = string> = {
  /** What the username or the address begins with, in any case. */
  readonly search?: string;
  readonly state?: UserState;
  readonly role?: Role;
  /** `next` of the page before. */
  readonly after?: string;
  /** At most 200; 50 by default. */
  readonly limit?: number;
};

export type UserPage<Role extends string = string> = {
  readonly users: readonly UserRecord<Role>[];
  /** For `after` of the next page; null at the end. */
  readonly next: string | null;
};

export type ListParts = { readonly database: Database; readonly roles: Pick<Roles, 'of' | 'areDefined'> };

const MOST = 200;
const USUAL = 50;

/** A page of accounts, and the cursor of the next one. */
export type AccountPage = {
  readonly accounts: readonly Account[];
  readonly roles: ReadonlyMap<AccountId, readonly string[]>;
  readonly next: string | null;
};

const EMPTY: AccountPage = { accounts: [], roles: new Map(), next: null };

/** Lists users page by page; each page reads no more of an index than it shows, whatever the number of accounts. */
export async function listUsers(parts: ListParts, query: UserQuery = {}): Promise<UserPage> {
  const { accounts, roles, next } = await listAccounts(parts, query);
  return { users: accounts.map((account) => userRecordFrom(account, roles.get(account.id))), next };
}

/** The same with the times of each account. A cursor that is invalid gives no page. */
export async function listAccounts(
  { database, roles }: ListParts,
  query: UserQuery = {},
): Promise<AccountPage> {
  const { search = '', role, state, after } = query;
  const limit = limitFrom(query.limit);
  const prefixes = prefixesOf(search);
  const position = after === undefined ? null : parseCursor(after);
  const orders = prefixes === 'impossible' ? [] : ordersOf(prefixes, query);
  const start = position === null ? 0 : orders.indexOf(position.order);
  if (start === -1 || (after !== undefined && position === null)) return EMPTY;
  if (prefixes === 'impossible' || (role !== undefined && !roles.areDefined([role]))) return EMPTY;
  const found: Found[] = [];
  for (const order of orders.slice(start)) {
    const from = position?.order === order ? position : null;
    const wanted = limit + 1 - found.length;
    if (wanted > 0) found.push(...(await scan(database, { order, from, prefixes, role, state }, wanted)));
  }
  const shown = found.slice(0, limit);
  const accounts = shown.map(({ account }) => account);
  const last = shown.at(-1);
  return {
    accounts,
    roles: await roles.of(accounts.map(({ id }) => id)),
    next: last === undefined || found.length === shown.length ? null : formatCursor(last.position),
  };
}

function limitFrom(limit: number | undefined): number {
  const wanted = Math.trunc(limit ?? USUAL);
  return Number.isNaN(wanted) ? USUAL : Math.min(Math.max(wanted, 1), MOST);
}

/** A search reads the usernames, then the addresses; else the order is that of the index that has the fewest rows. */
function ordersOf(prefixes: Prefixes | null, { role, state }: UserQuery): readonly Order[] {
  if (prefixes !== null) return prefixes.username === null ? ['email'] : ['username', 'email'];
  if (role !== undefined) return ['role'];
  return state === 'disabled' || state === 'leaving' ? [state] : ['created'];
}

const COLUMNS: Readonly<Record<Order, string>> = {
  created: 'accounts.id',
  role: 'account_roles.account_id',
  username: 'accounts.username_key',
  email: 'accounts.email_key',
  disabled: 'accounts.disabled_at',
  leaving: 'accounts.delete_at',
};

type RoleDatabase = sql.Database<AuthTables & RoleTables>;

type Scan = {
  readonly order: Order;
  readonly from: Position | null;
  readonly prefixes: Prefixes | null;
  readonly role: string | undefined;
  readonly state: UserState | undefined;
};

type Found = { readonly account: Account; readonly position: Position };
type Row = Awaited<ReturnType<ReturnType<typeof selectAccounts>['execute']>>[number];

async function scan(database: RoleDatabase, wanted: Scan, max: number): Promise<readonly Found[]> {
  const { order, from, prefixes, state } = wanted;
  const column = database.queries.dynamic.ref(COLUMNS[order]);
  let query = selectAccounts(database, wanted.role).orderBy(column).limit(limitTo(max));
  if (isTime(order)) query = query.orderBy('accounts.id');
  if (prefixes !== null) query = matching(query, prefixes, order);
  if (state === 'disabled') query = query.where('accounts.disabled_at', '>', 0);
  else if (state !== undefined) query = query.where('accounts.disabled_at', 'is', null);
  if (state === 'leaving') query = query.where('accounts.delete_at', '>', 0);
  else if (state === 'active') query = query.where('accounts.delete_at', 'is', null);
  if (from !== null && !isTime(order)) query = query.where(column, '>', keyOf(from));
  if (from !== null && isTime(order))
    query = query
      .where(column, '>=', from.value)
      .where(({ or, eb }) => or([eb(column, '>', from.value), eb('accounts.id', '>', idToBytes(from.id))]));
  const rows = await query.execute();
  return rows.map((row) => {
    const account = accountFrom(row);
    return { account, position: { order, value: orderedBy(row, order) ?? account.id, id: account.id } };
  });
}

function selectAccounts({ queries }: RoleDatabase, role: string | undefined) {
  return queries
    .selectFrom('accounts')
    .$if(role !== undefined, (all) =>
      all.innerJoin('account_roles', (join) =>
        join.onRef('account_roles.account_id', '=', 'accounts.id').on('account_roles.role', '=', role ?? ''),
      ),
    )
    .select([
      'accounts.id',
      'accounts.username',
      'accounts.username_key',
      'accounts.email',
      'accounts.email_key',
    ])
    .select([
      'accounts.email_verified_at',
      'accounts.created_at',
      'accounts.disabled_at',
      'accounts.delete_at',
    ]);
}

/** An account whose username matches is not found by its address once more. */
function matching(
  query: ReturnType<typeof selectAccounts>,
  { username, email }: Prefixes,
  order: Order,
): ReturnType<typeof selectAccounts> {
  const names = username === null ? null : rangeOf(username);
  if (order === 'username' && names !== null)
    return query
      .where('accounts.username_key', '>=', names.from)
      .where('accounts.username_key', '<', names.below);
  const addresses = rangeOf(email);
  const found = query
    .where('accounts.email_key', '>=', addresses.from)
    .where('accounts.email_key', '<', addresses.below);
  if (names === null) return found;
  return found.where(({ or, eb }) =>
    or([eb('accounts.username_key', '<', names.from), eb('accounts.username_key', '>=', names.below)]),
  );
}

function isTime(order: Order): boolean {
  return order === 'disabled' || order === 'leaving';
}

function keyOf({ order, value, id }: Position): string | number | Uint8Array {
  return order === 'created' || order === 'role' ? idToBytes(id) : value;
}

function orderedBy(row: Row, order: Order): string | number | null {
  switch (order) {
    case 'username':
      return row.username_key;
    case 'email':
      return row.email_key;
    case 'disabled':
      return row.disabled_at;
    case 'leaving':
      return row.delete_at;
    default:
      return null;
  }
}
