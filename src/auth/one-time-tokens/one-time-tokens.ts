import { createRowSeals } from '../../platform/crypto/row-seals.ts';
import type { Secrets } from '../../platform/crypto/secrets.ts';
import { hashToken, isToken, newToken } from '../../platform/crypto/tokens.ts';
import { bytesToId, idToBytes } from '../../platform/text/uuid.ts';
import type { Database, Queries } from '../schema.ts';
import type { TokenPurpose } from './purpose.ts';
import type { TokenRow } from './store.ts';
import * as store from './store.ts';

/** What a token is issued for. */
export type NewOneTimeToken = {
  readonly purpose: TokenPurpose;
  /** Whose it is; null where it is about no account, such as an invitation. */
  readonly accountId: string | null;
  /**
   * What exactly it is about, such as the address that it proves. Its owner is told the first line; what proves something
   * stands below it. At most 1,000 characters.
   */
  readonly data: string;
  /** How long this one lasts, in milliseconds, where that is not the purpose’s own time. */
  readonly lifetime?: number;
};

/** What a token that was shown is about. */
export type OneTimeToken = {
  readonly accountId: string | null;
  readonly data: string;
  /** Milliseconds of UTC. */
  readonly issuedAt: number;
};

/** A token that can still be spent, as those see it who look after them. Times are milliseconds of UTC. */
export type OutstandingToken = OneTimeToken & {
  /** Names it to people, and is of no use to spend it. */
  readonly id: string;
  readonly expiresAt: number;
};

/**
 * Tokens that are good once: 256 random bits in a link or a mail, SHA-256 in the database, one purpose each. The row is
 * sealed, so only this program can issue one (A69).
 */
export type OneTimeTokens = ReturnType<typeof createOneTimeTokens>;

/** The most that is kept of what a token is about, in characters. */
export const LONGEST_DATA = 1_000;

export function createOneTimeTokens({ queries }: Database, secrets: Secrets) {
  const { insert, find, listOf } = sealedRows(queries, secrets);
  return {
    /**
     * Makes a token.
     * @param on perhaps the transaction of the change that it belongs to
     * @returns the token, which is kept nowhere else
     * @throws {RangeError} when its data is longer than what is kept
     */
    issue: async (on: Queries, about: NewOneTimeToken, now: number): Promise<string> => {
      const token = newToken();
      await insert(on, rowOf(token, about, now));
      return token;
    },

    /**
     * The same for tokens of which an older one may void the newer: however the clocks stand, it counts as newer than
     * every other of its account (A59). The row of the account must be locked.
     */
    issueLast: async (transaction: Queries, about: NewOneTimeToken, now: number): Promise<string> => {
      const token = newToken();
      const row = rowOf(token, about, now);
      const newest = await store.newestIssue(transaction, about.purpose.name, row.account_id);
      await insert(transaction, { ...row, issued_at: Math.max(now, newest + 1) });
      return token;
    },

    /** What a token is about, or null. It is not spent: the GET of a link looks, and mail scanners follow links (A14). */
    read: async (purpose: TokenPurpose, token: string, now: number): Promise<OneTimeToken | null> => {
      if (!isToken(token)) return null;
      const row = await find(queries, purpose, token, now);
      return row === null ? null : aboutFrom(row);
    },

    /**
     * Spends a token in the transaction of the change that it allows, so that both happen or neither. Of several at
     * once, one gets what it is about and the others null (A15).
     */
    spend: async (
      transaction: Queries,
      purpose: TokenPurpose,
      token: string,
      now: number,
    ): Promise<OneTimeToken | null> => {
      if (!isToken(token)) return null;
      const row = await find(transaction, purpose, token, now);
      if (row === null) return null;
      return (await store.deleteToken(transaction, purpose.name, row.token_hash, now))
        ? aboutFrom(row)
        : null;
    },

    /** Spends a token by its id, for whoever has shown what came with it; of several at once, one is told that it did. */
    spendById: (transaction: Queries, purpose: TokenPurpose, id: string): Promise<boolean> =>
      store.deleteTokenBetween(transaction, purpose.name, hashesBeginningWith(id)),

    /** The id of a token, by which the record tells of it. */
    idOf: (token: string): string => idFrom(hashToken(token)),

    ofAccount: listOf,

    ...voiding,

    ...createTokenCare(queries),
  };
}

/** What writes rows with a seal, and finds only those that have one. */
function sealedRows(queries: Queries, secrets: Secrets) {
  const { sealOf, isSealed } = createRowSeals<TokenRow>(secrets, 'one_time_tokens');
  return {
    insert: (on: Queries, row: UnsealedRow) => store.insertToken(on, { ...row, seal: sealOf(row) }),
    find: async (on: Queries, purpose: TokenPurpose, token: string, now: number) => {
      const row = await store.findToken(on, purpose.name, hashToken(token));
      const [live = null] = await keepLive(on, row === undefined ? [] : [row], now);
      return live !== null && isSealed(live) ? live : null;
    },
    /** The tokens of an account for one purpose that can still be spent, the oldest first. */
    listOf: async (purpose: TokenPurpose, accountId: string, now: number) => {
      const rows = await store.allTokensOf(queries, purpose.name, accountId);
      return (await keepLive(queries, rows, now)).filter(isSealed).map(outstandingFrom);
    },
  };
}

/** Those that have not expired. The others go at once: a clock that steps back must not revive what was seen expired (A59). */
async function keepLive(on: Queries, rows: readonly store.TokenRow[], now: number) {
  const expired = rows.filter((row) => row.expires_at <= now);
  await store.deleteTokens(
    on,
    expired.map(({ token_hash }) => token_hash),
  );
  return rows.filter((row) => row.expires_at > now);
}

/** What makes tokens of an account worthless, in the transaction of the change that does. */
const voiding = {
  /** Makes every token of an account for one purpose worthless; returns how many there were. */
  voidAll: (transaction: Queries, purpose: TokenPurpose, accountId: string): Promise<number> =>
    store.deleteTokensOf(transaction, [purpose.name], accountId),

  /** Makes those of an account for one purpose worthless that run out first, and leaves this many. */
  voidBeyond: (transaction: Queries, purpose: TokenPurpose, accountId: string, most: number): Promise<void> =>
    store.deleteTokensBeyond(transaction, purpose.name, accountId, most),

  /** Makes those of an account worthless that were made for one purpose at that time or later. */
  voidSince: (transaction: Queries, purpose: TokenPurpose, accountId: string, since: number): Promise<void> =>
    store.deleteTokensSince(transaction, purpose.name, accountId, since),
};

/** What an operator needs to look after tokens. It opens none of them, and so asks for no key. */
export function createTokenCare(queries: Queries) {
  return {
    /** The tokens for one purpose that have neither been spent nor expired, the oldest first. */
    outstanding: async (purpose: TokenPurpose, now: number): Promise<readonly OutstandingToken[]> =>
      (await store.tokensFor(queries, purpose.name, now)).map(outstandingFrom),

    /** Makes one of them worthless, by its id; returns whether there was such a one. */
    revoke: async (purpose: TokenPurpose, id: string): Promise<boolean> =>
      ID_SHAPE.test(id) && store.deleteTokenBetween(queries, purpose.name, hashesBeginningWith(id)),
  };
}

type UnsealedRow = Omit<store.TokenRow, 'seal'>;

function rowOf(token: string, about: NewOneTimeToken, now: number): UnsealedRow {
  const { purpose, accountId, data, lifetime = purpose.lifetime } = about;
  if (data.length > LONGEST_DATA) throw new RangeError('a token cannot be about so much');
  return {
    token_hash: hashToken(token),
    purpose: purpose.name,
    account_id: accountId === null ? null : idToBytes(accountId),
    data,
    issued_at: now,
    expires_at: now + lifetime,
  };
}

const HASH_BYTES = 32;
const ID_BYTES = 8;
const ID_SHAPE = /^[0-9a-f]{16}$/;

function hashesBeginningWith(id: string): readonly [Uint8Array, Uint8Array] {
  const ending = (byte: number) => Buffer.alloc(HASH_BYTES - ID_BYTES, byte);
  const start = Buffer.from(id, 'hex');
  return [Buffer.concat([start, ending(0x00)]), Buffer.concat([start, ending(0xff)])];
}

function idFrom(tokenHash: Uint8Array): string {
  return Buffer.from(tokenHash)
    .toString('hex')
    .slice(0, 2 * ID_BYTES);
}

function aboutFrom({ account_id, data, issued_at: issuedAt }: store.TokenRow): OneTimeToken {
  return { accountId: account_id === null ? null : bytesToId(account_id), data, issuedAt };
}

function outstandingFrom(row: store.TokenRow): OutstandingToken {
  return {
    ...aboutFrom(row),
    id: idFrom(row.token_hash),
    expiresAt: row.expires_at,
  };
}
