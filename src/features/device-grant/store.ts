import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { AuthTables } from '../../auth/schema.ts';
import { MINUTE } from '../../platform/runtime/index.ts';
import type * as sql from '../../platform/sql/index.ts';
import { type DeleteExpired, deleteExpired, type ExpiringTable } from '../../platform/sql/index.ts';
import { idToBytes } from '../../platform/text/index.ts';
import { MOST_SCOPE_CHARACTERS } from '../api-tokens/index.ts';

export type DeviceGrantTables = {
  device_grants: {
    id: Uint8Array;
    /** The SHA-256 of the secret with which the device asks for its token. */
    device_code_hash: Uint8Array;
    /** What the user types, without its hyphen. */
    user_code: string;
    client: string;
    /** Separated by spaces; empty where the application defined none. */
    scopes: string;
    /** Where the request of the device came from. */
    address: string;
    user_agent: string;
    /** Who has typed the code; null until then. */
    account_id: Uint8Array | null;
    /** `allowed` or `denied`; null until the user decides. */
    decision: string | null;
    created_at: number;
    expires_at: number;
    /** When the device asked last. */
    polled_at: number | null;
    /** The HMAC of all other columns but `polled_at`. Each step of the grant replaces it, if it is still the one that was read. */
    seal: Uint8Array;
  };
};

const CLIENT_BYTES = 40;

export const deviceGrantsStep: sql.Migration = {
  number: 5,
  name: 'device grants',
  oldNodes: 'compatible',
  up: ({ schema }, columns) =>
    schema
      .createTable('device_grants')
      .ifNotExists()
      .addColumn('id', columns.id, (column) => column.primaryKey())
      .addColumn('device_code_hash', columns.hash, (column) => column.notNull().unique())
      .addColumn('user_code', columns.key(8), (column) => column.notNull().unique())
      .addColumn('client', columns.key(CLIENT_BYTES), (column) => column.notNull())
      .addColumn('scopes', columns.text(MOST_SCOPE_CHARACTERS), (column) => column.notNull())
      .addColumn('address', columns.text(64), (column) => column.notNull())
      .addColumn('user_agent', columns.text(400), (column) => column.notNull())
      .addColumn('account_id', columns.id)
      .addColumn('decision', columns.key(8))
      .addColumn('created_at', columns.time, (column) => column.notNull())
      .addColumn('expires_at', columns.time, (column) => column.notNull())
      .addColumn('polled_at', columns.time)
      .addColumn('seal', columns.hash, (column) => column.notNull())
      .addForeignKeyConstraint('device_grants_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(columns.clusteredByKey)
      .execute(),
  indexes: [
    { name: 'device_grants_account', table: 'device_grants', column: 'account_id' },
    { name: 'device_grants_expires_at', table: 'device_grants', column: 'expires_at' },
  ],
};

const expiringGrants: ExpiringTable<DeviceGrantTables> = {
  table: 'device_grants',
  key: 'id',
  column: 'expires_at',
};

/** For so long, in milliseconds, a device that still asks learns that its request has expired. */
const KEPT_EXPIRED = 5 * MINUTE;

export function deleteExpiredGrants({ queries }: Database): DeleteExpired {
  return (now, max) => deleteExpired(queries, expiringGrants, now - KEPT_EXPIRED, max);
}

type Queries = sql.Queries<AuthTables & DeviceGrantTables>;
type Database = sql.Database<AuthTables & DeviceGrantTables>;
export type DeviceGrantRow = DeviceGrantTables['device_grants'];
/** The columns that the seal covers, and the seal. */
export type SealedGrant = Omit<DeviceGrantRow, 'polled_at'>;

/** @throws an error of the database when another grant has the user code */
export async function insertGrant(queries: Queries, row: SealedGrant): Promise<void> {
  await queries
    .insertInto('device_grants')
    .values({ ...row, polled_at: null })
    .execute();
}

export type GrantKey =
  | Pick<DeviceGrantRow, 'device_code_hash'>
  | Pick<DeviceGrantRow, 'user_code'>
  | Pick<DeviceGrantRow, 'id'>;

/** A grant by one of its unique columns, perhaps an expired one. */
export function findGrant(queries: Queries, key: GrantKey): Promise<DeviceGrantRow | undefined> {
  const all = queries.selectFrom('device_grants').selectAll();
  if ('id' in key) return all.where('id', '=', key.id).executeTakeFirst();
  if ('user_code' in key) return all.where('user_code', '=', key.user_code).executeTakeFirst();
  return all.where('device_code_hash', '=', key.device_code_hash).executeTakeFirst();
}

// Of several steps at once (two users, allowing and denying, two clicks), all may have read the row; the seal that they
// read lets one through.
export async function replaceGrant(
  queries: Queries,
  read: Pick<SealedGrant, 'id' | 'seal'>,
  next: Pick<SealedGrant, 'account_id' | 'decision' | 'seal'>,
  now: number,
): Promise<boolean> {
  const { account_id, decision, seal } = next;
  const result = await queries
    .updateTable('device_grants')
    .set({ account_id, decision, seal })
    .where('id', '=', read.id)
    .where('seal', '=', read.seal)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Spends a grant in the transaction that gives the device its token; of several requests at once, one does. */
export async function spendGrant(
  transaction: Queries,
  read: Pick<SealedGrant, 'id' | 'seal'>,
  now: number,
): Promise<boolean> {
  const result = await transaction
    .deleteFrom('device_grants')
    .where('id', '=', read.id)
    .where('seal', '=', read.seal)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** Records that a device asks; returns false where it asked after `since`. */
export async function notePoll(
  queries: Queries,
  id: Uint8Array,
  now: number,
  since: number,
): Promise<boolean> {
  const result = await queries
    .updateTable('device_grants')
    .set({ polled_at: now })
    .where('id', '=', id)
    .where(({ or, eb }) =>
      // A time in the future is that of a clock that was set back, or of another node.
      or([eb('polled_at', 'is', null), eb('polled_at', '<=', since), eb('polled_at', '>', now)]),
    )
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function deleteGrant(queries: Queries, id: Uint8Array): Promise<void> {
  await queries.deleteFrom('device_grants').where('id', '=', id).execute();
}

/** Deletes the grants that an account has seen or allowed and no device has used. */
export async function deleteGrantsOf(queries: Queries, accountId: AccountId): Promise<void> {
  await queries.deleteFrom('device_grants').where('account_id', '=', idToBytes(accountId)).execute();
}

/** The grants of an account without secrets, for the export. */
export function grantsOf(queries: Queries, accountId: AccountId) {
  return queries
    .selectFrom('device_grants')
    .select([
      'client',
      'scopes',
      'address',
      'user_agent',
      'decision',
      'created_at',
      'expires_at',
      'polled_at',
    ])
    .where('account_id', '=', idToBytes(accountId))
    .orderBy('created_at')
    .execute();
}
