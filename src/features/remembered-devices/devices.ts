import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { AfterSignIn, FactorFact, ProofFact } from '../../auth/required-steps/sign-in-step.ts';
import { defineService } from '../../auth/services.ts';
import { REMEMBERED } from '../../auth/sessions/session.ts';
import { hashToken, isToken, newToken, type RowSeals } from '../../platform/crypto/index.ts';
import { SECOND } from '../../platform/runtime/index.ts';
import { defineId, type Id, idToBytes } from '../../platform/text/index.ts';
import { deviceOf, originOf } from '../../platform/web/index.ts';
import { cookies, events } from './definitions.ts';
import { rememberSettings } from './settings.ts';
import {
  type DeviceRow,
  deleteDevice,
  deleteDevicesOf,
  devicesOf,
  insertDevice,
  noteDeviceUse,
  type SealedDevice,
} from './store.ts';

export type RememberedDeviceId = Id<'remembered-device'>;
export const rememberedDeviceIds = defineId<'remembered-device'>();

/** A browser that is not asked for a second factor. Times are milliseconds of UTC. */
export type RememberedDevice = {
  readonly id: RememberedDeviceId;
  readonly userAgent: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly lastUsedAt: number | null;
  readonly isThis: boolean;
};

/** The fact of a sign-in with a right code whose user wants its browser remembered once it is complete. */
export const WANTED: ProofFact = 'remember-device';

/** The accounts that one browser is remembered for, the latest ones; their tokens are in one cookie. */
const MAX_ACCOUNTS = 4;

/** Browsers that are not asked for a second factor, each a row and a token of 256 bits in its cookie (A39). */
export type RememberedDevices = ReturnType<typeof createRememberedDevices>;

function createRememberedDevices(core: Core) {
  const { mfaRemember: lifetime } = core.settingsOf(rememberSettings);
  const parts = { core, lifetime, seals: core.rowSeals<SealedDevice>('remembered_devices') };
  const { queries } = core.database;
  return {
    isOn: lifetime > 0,
    /** In milliseconds. */
    lifetime,

    /** The fact that this browser is remembered for an account, for its sign-in. */
    factsOf: async (context: RequestContext, accountId: AccountId): Promise<readonly ProofFact[]> => {
      const own = await findOwn(parts, context, accountId);
      if (own === null) return [];
      await noteDeviceUse(queries, own.id, core.clock());
      return [`second-factor ${REMEMBERED} ${rememberedDeviceIds.fromBytes(own.id)}`];
    },

    /** Whether the browser that a sign-in names is still remembered for its account. */
    isRemembered: async (accountId: AccountId, named: FactorFact | null): Promise<boolean> => {
      if (named?.kind !== REMEMBERED) return false;
      const rows = await liveRows(parts, accountId);
      return rows.some((row) => rememberedDeviceIds.fromBytes(row.id) === named.id);
    },

    /** The remembered browsers of an account, this one first. */
    list: async (context: RequestContext, accountId: AccountId): Promise<readonly RememberedDevice[]> => {
      const rows = await liveRows(parts, accountId);
      const own = rows.length === 0 ? null : await findOwn(parts, context, accountId);
      const all = rows.map((row) => deviceFrom(parts, row, own));
      return all.toSorted((one, other) => Number(other.isThis) - Number(one.isThis));
    },

    forget: (accountId: AccountId, id: RememberedDeviceId): Promise<boolean> =>
      deleteDevice(queries, accountId, idToBytes(id)),

    /** Forgets all but this browser. */
    forgetOthers: async (context: RequestContext, accountId: AccountId): Promise<number> => {
      const own = await findOwn(parts, context, accountId);
      return deleteDevicesOf(queries, accountId, own?.id ?? null);
    },

    remember: rememberBrowser(parts),
  };
}

export const rememberedDevicesService = defineService({ create: createRememberedDevices });

type Parts = {
  readonly core: Core;
  readonly lifetime: number;
  readonly seals: RowSeals<SealedDevice>;
};

/** A shorter setting counts for browsers that were remembered before, too. */
function endOf({ lifetime }: Parts, { created_at, expires_at }: DeviceRow): number {
  return Math.min(expires_at, created_at + lifetime);
}

async function liveRows(parts: Parts, accountId: AccountId): Promise<readonly DeviceRow[]> {
  const { core, seals, lifetime } = parts;
  if (lifetime === 0) return [];
  const rows = await devicesOf(core.database.queries, accountId);
  const now = core.clock();
  return rows.filter(({ last_used_at: _, ...row }) => {
    return seals.isSealed(row) && endOf(parts, { ...row, last_used_at: null }) > now;
  });
}

/** The row of this browser for an account: by the account and the token, so that another account's token is of no use. */
async function findOwn(
  parts: Parts,
  context: RequestContext,
  accountId: AccountId,
): Promise<DeviceRow | null> {
  const tokens = tokensOf(parts.core, context);
  if (tokens.length === 0) return null;
  const hashes = tokens.map((token) => Buffer.from(hashToken(token)));
  const rows = await liveRows(parts, accountId);
  return rows.find(({ token_hash }) => hashes.some((hash) => hash.equals(token_hash))) ?? null;
}

function tokensOf({ cookies: jar }: Core, { request }: RequestContext): readonly string[] {
  const text = jar.read(request, cookies.remembered) ?? '';
  return text.split('.').slice(0, MAX_ACCOUNTS).filter(isToken);
}

function deviceFrom(parts: Parts, row: DeviceRow, own: DeviceRow | null): RememberedDevice {
  const id = rememberedDeviceIds.fromBytes(row.id);
  return {
    id,
    userAgent: row.user_agent,
    createdAt: row.created_at,
    expiresAt: endOf(parts, row),
    lastUsedAt: row.last_used_at,
    isThis: own !== null && rememberedDeviceIds.fromBytes(own.id) === id,
  };
}

/**
 * Remembers the browser of a complete sign-in whose user wants it and has proven a factor. The account is locked and the
 * session must live, so that a change of credentials at the same moment either prevents the row or deletes it (A39).
 */
function rememberBrowser(parts: Parts): AfterSignIn {
  const { core, seals, lifetime } = parts;
  return async (context, { accountId, sessionId, facts, now }) => {
    if (lifetime === 0 || !facts.includes(WANTED)) return true;
    const token = newToken();
    const id = rememberedDeviceIds.create(now);
    const row = {
      token_hash: hashToken(token),
      id: idToBytes(id),
      account_id: idToBytes(accountId),
      user_agent: deviceOf(context).userAgent,
      created_at: now,
      expires_at: now + lifetime,
    };
    const isKept = await core.database.transaction(async (transaction) => {
      await core.accounts.lock(transaction, accountId);
      if (!(await core.sessions.lockSession(transaction, sessionId))) return false;
      await insertDevice(transaction, { ...row, seal: seals.sealOf(row) });
      return true;
    });
    // The session has ended by a change of credentials, which the gate reports.
    if (!isKept) return false;
    const all = [token, ...tokensOf(core, context)].slice(0, MAX_ACCOUNTS);
    core.cookies.set(context, cookies.remembered, all.join('.'), Math.ceil(lifetime / SECOND));
    core.announce(events.deviceRemembered, { accountId, sessionId }, originOf(context));
    return true;
  };
}
