import type { Core } from '../../auth/core.ts';
import { type AccountId, accountIds } from '../../auth/identifiers/ids.ts';
import type { Queries } from '../../auth/schema.ts';
import { defineService } from '../../auth/services.ts';
import { hashToken, newToken, type RowSeals } from '../../platform/crypto/index.ts';
import { MINUTE, SECOND } from '../../platform/runtime/index.ts';
import { bytesToId, defineId, type Id, idToBytes } from '../../platform/text/index.ts';
import {
  type DeviceGrantRow,
  deleteGrant,
  findGrant,
  type GrantKey,
  insertGrant,
  notePoll,
  replaceGrant,
  type SealedGrant,
  spendGrant,
} from './store.ts';
import { newUserCode } from './user-code.ts';

export type DeviceGrantId = Id<'device-grant'>;
export const deviceGrantIds = defineId<'device-grant'>();

/** How long a user has to type the code and to decide, in milliseconds. */
export const GRANT_LIFETIME = 10 * MINUTE;
/** How often a device may ask, in milliseconds. @see RFC 8628 §3.2 */
export const POLL_INTERVAL = 5 * SECOND;
/** By how much a poll may be early, as networks delay one more than the next. */
const EARLY = SECOND;
/** Of eight letters, two are equal once in a very long time. */
const ATTEMPTS = 3;

export type RequestingDevice = { readonly address: string; readonly userAgent: string };

/** A request of a device, for the user who decides about it. Times are milliseconds of UTC. */
export type DeviceGrant = {
  readonly id: DeviceGrantId;
  readonly userCode: string;
  readonly client: string;
  readonly scopes: readonly string[];
  readonly device: RequestingDevice;
  readonly createdAt: number;
};

/** A request, and the user who has typed its code. */
export type ClaimedGrant = { readonly accountId: AccountId; readonly id: DeviceGrantId };

/** What a device gets to know of its request; the names are those of RFC 8628 §3.5 and RFC 6749 §5.2. */
export type Poll =
  | {
      readonly state:
        | 'authorization_pending'
        | 'slow_down'
        | 'access_denied'
        | 'expired_token'
        | 'invalid_grant';
    }
  | { readonly state: 'allowed'; readonly accountId: AccountId; readonly row: SealedGrant };

/**
 * Requests of devices for API tokens. A row goes from waiting to a user who has typed its code, and from there to a
 * decision. It is sealed, so that no step can be written past this code (A69), and each step is one statement that
 * replaces the seal which was read.
 */
export type DeviceGrants = ReturnType<typeof createDeviceGrants>;

type Parts = Pick<Core, 'database' | 'clock'> & { readonly seals: RowSeals<SealedGrant> };

function createDeviceGrants({ database, clock, rowSeals }: Core) {
  const parts: Parts = { database, clock, seals: rowSeals<SealedGrant>('device_grants') };
  const { queries } = database;
  return {
    /** Begins a request. The device gets both codes; of the secret one, the hash is stored. */
    open: (client: string, scopes: readonly string[], device: RequestingDevice) =>
      open(parts, {
        client,
        scopes: scopes.join(' '),
        address: device.address,
        user_agent: device.userAgent,
      }),

    /** Binds a request to the user who types its code, once. What cannot be claimed is answered alike. */
    claim: (accountId: AccountId, userCode: string) => claim(parts, accountId, userCode),

    /** The request that a user has claimed and not decided about. */
    read: async (claimed: ClaimedGrant): Promise<DeviceGrant | null> => {
      const row = await findOpen(parts, queries, claimed);
      return row === null ? null : grantFrom(row);
    },

    /** Decides about a claimed request, once; of several decisions at once, one is made. */
    decide: async (on: Queries, claimed: ClaimedGrant, decision: 'allowed' | 'denied'): Promise<boolean> => {
      const row = await findOpen(parts, on, claimed);
      return row !== null && replaceGrant(on, row, changed(parts, row, { decision }), clock());
    },

    /** The state of the request of a device, which may ask every few seconds. */
    poll: (client: string, deviceCode: string) => poll(parts, client, deviceCode),

    /** Spends an allowed request in the transaction that creates its token. */
    spend: (transaction: Queries, row: SealedGrant): Promise<boolean> =>
      spendGrant(transaction, row, clock()),
  };
}

export const deviceGrantsService = defineService({ create: createDeviceGrants });

/** A row with a change, under a new seal. */
function changed(
  { seals }: Parts,
  row: DeviceGrantRow,
  change: Partial<Pick<SealedGrant, 'account_id' | 'decision'>>,
): SealedGrant {
  const { seal: _, ...rest } = { ...sealedPart(row), ...change };
  return { ...rest, seal: seals.sealOf(rest) };
}

async function find({ seals }: Parts, on: Queries, key: GrantKey): Promise<DeviceGrantRow | null> {
  const row = await findGrant(on, key);
  return row !== undefined && seals.isSealed(sealedPart(row)) ? row : null;
}

function sealedPart({ polled_at: _, ...row }: DeviceGrantRow): SealedGrant {
  return row;
}

/** The row that a user has claimed and not decided about, before it expires. */
async function findOpen(
  parts: Parts,
  on: Queries,
  { accountId, id }: ClaimedGrant,
): Promise<DeviceGrantRow | null> {
  const row = await find(parts, on, { id: idToBytes(id) });
  if (row === null || row.decision !== null || row.expires_at <= parts.clock()) return null;
  return isOf(row, accountId) ? row : null;
}

async function open(
  { database, clock, seals }: Parts,
  about: Pick<SealedGrant, 'client' | 'scopes' | 'address' | 'user_agent'>,
) {
  const deviceCode = newToken();
  const now = clock();
  for (let attempt = 1; ; attempt += 1) {
    const userCode = newUserCode();
    const row = {
      id: idToBytes(deviceGrantIds.create(now)),
      device_code_hash: hashToken(deviceCode),
      user_code: userCode,
      ...about,
      account_id: null,
      decision: null,
      created_at: now,
      expires_at: now + GRANT_LIFETIME,
    };
    try {
      await insertGrant(database.queries, { ...row, seal: seals.sealOf(row) });
      return { deviceCode, userCode };
    } catch (error) {
      if (attempt === ATTEMPTS || !database.isUniqueViolation(error)) throw error;
    }
  }
}

async function claim(parts: Parts, accountId: AccountId, userCode: string): Promise<DeviceGrantId | null> {
  const { queries } = parts.database;
  const now = parts.clock();
  const row = await find(parts, queries, { user_code: userCode });
  if (row === null || row.decision !== null || row.expires_at <= now) return null;
  const id = deviceGrantIds.fromBytes(row.id);
  if (isOf(row, accountId)) return id;
  if (row.account_id !== null) return null;
  const claimed = changed(parts, row, { account_id: idToBytes(accountId) });
  return (await replaceGrant(queries, row, claimed, now)) ? id : null;
}

async function poll(parts: Parts, client: string, deviceCode: string): Promise<Poll> {
  const { queries } = parts.database;
  const now = parts.clock();
  const row = await find(parts, queries, { device_code_hash: hashToken(deviceCode) });
  if (row === null || row.client !== client) return { state: 'invalid_grant' };
  if (row.expires_at <= now) {
    // At once: a clock that steps back must not revive what was seen expired (A59).
    await deleteGrant(queries, row.id);
    return { state: 'expired_token' };
  }
  if (row.decision === 'denied') return { state: 'access_denied' };
  if (row.decision === 'allowed' && row.account_id !== null)
    return { state: 'allowed', accountId: accountIds.fromBytes(row.account_id), row };
  const since = now - POLL_INTERVAL + EARLY;
  // A device that asks all the time costs no write.
  const isEarly = row.polled_at !== null && row.polled_at > since && row.polled_at <= now;
  const isInTime = !isEarly && (await notePoll(queries, row.id, now, since));
  return { state: isInTime ? 'authorization_pending' : 'slow_down' };
}

function isOf({ account_id }: DeviceGrantRow, accountId: AccountId): boolean {
  return account_id !== null && bytesToId(account_id) === accountId;
}

function grantFrom(row: DeviceGrantRow): DeviceGrant {
  return {
    id: deviceGrantIds.fromBytes(row.id),
    userCode: row.user_code,
    client: row.client,
    scopes: row.scopes === '' ? [] : row.scopes.split(' '),
    device: { address: row.address, userAgent: row.user_agent },
    createdAt: row.created_at,
  };
}
