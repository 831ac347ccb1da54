import { createRowSeals, hashToken, isToken, newToken, type Secrets } from '../../platform/crypto/index.ts';
import { idToBytes } from '../../platform/text/index.ts';
import { type AccountId, accountIds } from '../identifiers/ids.ts';
import type { Database, Queries } from '../schema.ts';
import type { TokenRow } from './store.ts';
import * as store from './store.ts';
import type { TokenDefinition, TokenKind } from './token-definition.ts';

/** What a token is issued for. */
export type NewOneTimeToken<Data> = {
  readonly purpose: TokenDefinition<Data>;
  /** Null if the token belongs to no account, such as an invitation. */
  readonly accountId: AccountId | null;
  readonly data: NoInfer<Data>;
  /** How long this token lasts, in milliseconds; the lifetime of its purpose by default. */
  readonly lifetime?: number;
};

export type IssuedToken = {
  readonly accountId: AccountId | null;
  /** Milliseconds of UTC. */
  readonly issuedAt: number;
};

export type OneTimeToken<Data> = IssuedToken & { readonly data: Data };

/** A token that can still be spent. Times are milliseconds of UTC. */
export type OutstandingToken<Data> = OneTimeToken<Data> & {
  /** Names the token to users and operators; it cannot be spent with it. */
  readonly id: string;
  readonly expiresAt: number;
};

/**
 * Tokens that can be used once: 256 random bits in a link or a mail, their SHA-256 in the database, one purpose each. The
 * row is sealed, so that a token cannot be issued by writing to the database (A69).
 */
export type OneTimeTokens = ReturnType<typeof createOneTimeTokens>;

/** The longest stored data of a token, in characters. */
export const LONGEST_DATA = 1_000;

export function createOneTimeTokens({ queries }: Database, secrets: Secrets) {
  const { insert, find, listOf } = sealedRows(queries, secrets);
  return {
    ...createIssuing(insert),

    /** Whether a token can still be spent. */
    isGood: async (purpose: TokenKind, token: string, now: number): Promise<boolean> =>
      isToken(token) && (await find(queries, purpose, token, now)) !== null,

    /** Reads a token without spending it: the GET of a link looks, and mail scanners follow links (A14). */
    read: async <Data>(
      purpose: TokenDefinition<Data>,
      token: string,
      now: number,
    ): Promise<OneTimeToken<Data> | null> => {
      if (!isToken(token)) return null;
      const row = await find(queries, purpose, token, now);
      return row === null ? null : tokenFrom(purpose, row);
    },

    /**
     * Spends a token in the transaction of the change that it allows, so that both happen or neither. Of several requests
     * at once, one gets a result and the others null (A15).
     */
    spend: async (
      transaction: Queries,
      purpose: TokenKind,
      token: string,
      now: number,
    ): Promise<IssuedToken | null> => {
      if (!isToken(token)) return null;
      const row = await find(transaction, purpose, token, now);
      if (row === null) return null;
      return (await store.deleteToken(transaction, purpose.name, row.token_hash, now))
        ? issuedFrom(row)
        : null;
    },

    /** Spends a token by its id, once the code that was sent with it was given; of several requests at once, one does. */
    spendById: (transaction: Queries, purpose: TokenKind, id: string): Promise<boolean> =>
      store.deleteTokenBetween(transaction, purpose.name, hashesBeginningWith(id)),

    /** The id of a token, which events name. */
    idOf: (token: string): string => idFrom(hashToken(token)),

    ofAccount: listOf,

    ...voiding,

    ...createTokenCare(queries),
  };
}

function createIssuing(insert: (on: Queries, row: UnsealedRow) => Promise<void>) {
  return {
    /**
     * Issues a token.
     * @param on may be the transaction of the change that the token belongs to
     * @returns the token, which is stored nowhere
     * @throws {RangeError} when its data is too long
     */
    issue: async <Data>(on: Queries, about: NewOneTimeToken<Data>, now: number): Promise<string> => {
      const token = newToken();
      await insert(on, rowOf(token, about, now));
      return token;
    },

    /**
     * Issues a token of which an older one may void the newer: whatever the clocks say, it counts as newer than every other
     * one of its account (A59). The row of the account must be locked.
     */
    issueLast: async <Data>(
      transaction: Queries,
      about: NewOneTimeToken<Data>,
      now: number,
    ): Promise<string> => {
      const token = newToken();
      const row = rowOf(token, about, now);
      const newest = await store.newestIssue(transaction, about.purpose.name, row.account_id);
      await insert(transaction, { ...row, issued_at: Math.max(now, newest + 1) });
      return token;
    },
  };
}

/** The account of a token that is only issued for one. @throws {TypeError} when it has none */
export function accountOf({ accountId }: IssuedToken): AccountId {
  if (accountId === null) throw new TypeError('a token of this purpose belongs to an account');
  return accountId;
}

/** Writes rows with a seal, and finds only sealed ones. */
function sealedRows(queries: Queries, secrets: Secrets) {
  const { sealOf, isSealed } = createRowSeals<TokenRow>(secrets, 'one_time_tokens');
  return {
    insert: (on: Queries, row: UnsealedRow) => store.insertToken(on, { ...row, seal: sealOf(row) }),
    find: async (on: Queries, purpose: TokenKind, token: string, now: number) => {
      const row = await store.findToken(on, purpose.name, hashToken(token));
      const [live = null] = await keepLive(on, row === undefined ? [] : [row], now);
      return live !== null && isSealed(live) ? live : null;
    },
    /** The tokens of an account for one purpose that can still be spent, the oldest first. */
    listOf: async <Data>(purpose: TokenDefinition<Data>, accountId: AccountId, now: number, on = queries) => {
      const rows = await store.allTokensOf(on, purpose.name, accountId);
      const live = await keepLive(on, rows, now);
      return live.filter(isSealed).map((row) => outstandingFrom(purpose, row));
    },
  };
}

/** The rows that have not expired. Expired ones are deleted at once: a clock that is set back must not revive them (A59). */
async function keepLive(on: Queries, rows: readonly store.TokenRow[], now: number) {
  const expired = rows.filter((row) => row.expires_at <= now);
  await store.deleteTokens(
    on,
    expired.map(({ token_hash }) => token_hash),
  );
  return rows.filter((row) => row.expires_at > now);
}

/** Voids tokens of an account, in the transaction of the change that does. */
const voiding = {
  /** Voids all tokens of one purpose; returns how many there were. */
  voidAll: (transaction: Queries, purpose: TokenKind, accountId: AccountId): Promise<number> =>
    store.deleteTokensOf(transaction, [purpose.name], accountId),

  /** Voids the tokens of one purpose that expire first, except `max` of them. */
  voidBeyond: (transaction: Queries, purpose: TokenKind, accountId: AccountId, max: number): Promise<void> =>
    store.deleteTokensBeyond(transaction, purpose.name, accountId, max),

  /** Voids the tokens of one purpose that were issued at that time or later. */
  voidSince: (transaction: Queries, purpose: TokenKind, accountId: AccountId, since: number): Promise<void> =>
    store.deleteTokensSince(transaction, purpose.name, accountId, since),
};

/** What an operator does with tokens. It opens none of them, so it needs no key. */
export function createTokenCare(queries: Queries) {
  return {
    /** The tokens of one purpose that can still be spent, the oldest first. */
    outstanding: async <Data>(
      purpose: TokenDefinition<Data>,
      now: number,
    ): Promise<readonly OutstandingToken<Data>[]> =>
      (await store.tokensFor(queries, purpose.name, now)).map((row) => outstandingFrom(purpose, row)),

    /** Voids a token by its id; returns whether there was one. */
    revoke: async (purpose: TokenKind, id: string): Promise<boolean> =>
      ID_SHAPE.test(id) && store.deleteTokenBetween(queries, purpose.name, hashesBeginningWith(id)),
  };
}

type UnsealedRow = Omit<store.TokenRow, 'seal'>;

function rowOf<Data>(token: string, about: NewOneTimeToken<Data>, now: number): UnsealedRow {
  const { purpose, accountId, lifetime = purpose.lifetime } = about;
  const data = purpose.encode(about.data);
  if (data.length > LONGEST_DATA) throw new RangeError('the data of a token is too long');
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

function issuedFrom({ account_id, issued_at: issuedAt }: store.TokenRow): IssuedToken {
  return { accountId: account_id === null ? null : accountIds.fromBytes(account_id), issuedAt };
}

function tokenFrom<Data>(purpose: TokenDefinition<Data>, row: store.TokenRow): OneTimeToken<Data> {
  return { ...issuedFrom(row), data: purpose.decode(row.data) };
}

function outstandingFrom<Data>(purpose: TokenDefinition<Data>, row: store.TokenRow): OutstandingToken<Data> {
  return {
    ...tokenFrom(purpose, row),
    id: idFrom(row.token_hash),
    expiresAt: row.expires_at,
  };
}
