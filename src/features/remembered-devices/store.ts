import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { AuthTables } from '../../auth/schema.ts';
import type * as sql from '../../platform/sql/index.ts';
import type { ExpiringTable } from '../../platform/sql/index.ts';
import { idToBytes } from '../../platform/text/index.ts';

export type RememberedDeviceTables = {
  /** The browsers that are not asked for a second factor. */
  remembered_devices: {
    /** The SHA-256 of the token in the cookie, which has full entropy. */
    token_hash: Uint8Array;
    /** Names the browser to its user and to sign-ins. */
    id: Uint8Array;
    account_id: Uint8Array;
    /** As the browser called itself. */
    user_agent: string;
    created_at: number;
    expires_at: number;
    last_used_at: number | null;
    /** The HMAC of all other columns but `last_used_at`, without which the row is refused. */
    seal: Uint8Array;
  };
};

/** As in a session. */
const USER_AGENT_CHARACTERS = 400;

export const rememberedDevicesStep: sql.Migration = {
  number: 14,
  name: 'remembered devices',
  // Nodes of the version before ask for the factor.
  oldNodes: 'compatible',
  up: ({ schema }, columns) =>
    schema
      .createTable('remembered_devices')
      .ifNotExists()
      .addColumn('token_hash', columns.hash, (column) => column.primaryKey())
      .addColumn('id', columns.id, (column) => column.notNull().unique())
      .addColumn('account_id', columns.id, (column) => column.notNull())
      .addColumn('user_agent', columns.text(USER_AGENT_CHARACTERS), (column) => column.notNull())
      .addColumn('created_at', columns.time, (column) => column.notNull())
      .addColumn('expires_at', columns.time, (column) => column.notNull())
      .addColumn('last_used_at', columns.time)
      .addColumn('seal', columns.hash, (column) => column.notNull())
      .addForeignKeyConstraint('remembered_devices_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(columns.clusteredByKey)
      .execute(),
  indexes: [
    { name: 'remembered_devices_account', table: 'remembered_devices', column: 'account_id' },
    { name: 'remembered_devices_expires_at', table: 'remembered_devices', column: 'expires_at' },
  ],
};

export const expiringDevices: ExpiringTable<RememberedDeviceTables> = {
  table: 'remembered_devices',
  key: 'token_hash',
  column: 'expires_at',
};

type Queries = sql.Queries<AuthTables & RememberedDeviceTables>;

export type DeviceRow = RememberedDeviceTables['remembered_devices'];

/** The columns that the seal covers, and the seal. */
export type SealedDevice = Omit<DeviceRow, 'last_used_at'>;

export async function insertDevice(transaction: Queries, row: SealedDevice): Promise<void> {
  await transaction
    .insertInto('remembered_devices')
    .values({ ...row, last_used_at: null })
    .execute();
}

/** The browsers of an account, the newest first. */
export function devicesOf(queries: Queries, accountId: AccountId): Promise<DeviceRow[]> {
  return queries
    .selectFrom('remembered_devices')
    .selectAll()
    .where('account_id', '=', idToBytes(accountId))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

export async function noteDeviceUse(queries: Queries, id: Uint8Array, now: number): Promise<void> {
  await queries.updateTable('remembered_devices').set({ last_used_at: now }).where('id', '=', id).execute();
}

/** Forgets one browser of an account; of concurrent calls, one returns true. */
export async function deleteDevice(queries: Queries, accountId: AccountId, id: Uint8Array): Promise<boolean> {
  const result = await queries
    .deleteFrom('remembered_devices')
    .where('id', '=', id)
    .where('account_id', '=', idToBytes(accountId))
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** Forgets all browsers of an account, or all but one; returns how many. */
export async function deleteDevicesOf(
  queries: Queries,
  accountId: AccountId,
  kept: Uint8Array | null = null,
): Promise<number> {
  const all = queries.deleteFrom('remembered_devices').where('account_id', '=', idToBytes(accountId));
  const result = await (kept === null ? all : all.where('id', '!=', kept)).executeTakeFirst();
  return Number(result.numDeletedRows);
}
