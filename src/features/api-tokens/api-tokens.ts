import type { Core } from '../../auth/core.ts';
import type { ChangeNotice } from '../../auth/credential-change.ts';
import { type AccountId, accountIds } from '../../auth/identifiers/ids.ts';
import { paths } from '../../auth/paths.ts';
import type { Queries } from '../../auth/schema.ts';
import { defineService } from '../../auth/services.ts';
import { hashToken, type RowSeals } from '../../platform/crypto/index.ts';
import { idToBytes } from '../../platform/text/index.ts';
import { type FactorPolicy, factorPolicyService } from '../second-factors/index.ts';
import { type ApiToken, type ApiTokenId, apiTokenFrom, apiTokenIds } from './api-token.ts';
import { createAuthentication } from './authentication.ts';
import { emails, MOST_TOKENS } from './definitions.ts';
import { apiTokenSettings, areTokensOn } from './settings.ts';
import {
  accountOfApiToken,
  apiTokensOf,
  deleteApiToken,
  deleteApiTokensOf,
  insertApiToken,
  LONGEST_NAME,
  type SealedToken,
} from './store.ts';
import { newApiToken } from './token-format.ts';

export type WantedToken = {
  readonly accountId: AccountId;
  readonly name: string;
  readonly scopes: readonly string[];
  /** In milliseconds. */
  readonly lifetime: number;
};

/** A token that is not in the database yet. Its text is stored nowhere. */
export type MadeToken = { readonly token: string; readonly id: ApiTokenId; readonly row: SealedToken };

const TOO_MANY = { ok: false, reason: 'too-many-tokens' } as const;
const NOT_FOUND = { ok: false, reason: 'not-found' } as const;
const UNUSABLE = { ok: false, reason: 'unusable' } as const;

/** API tokens: 256 random bits with a prefix, their SHA-256 in the database in a sealed row (A69). */
export type ApiTokens = ReturnType<typeof createApiTokens>;

function createApiTokens(core: Core, policy: FactorPolicy) {
  const { accounts, clock, database, rowSeals, settingsOf } = core;
  const { scopes: defined = [], apiTokenLifetime: longest } = settingsOf(apiTokenSettings);
  const seals = rowSeals<SealedToken>('api_tokens');
  const insert = async (transaction: Queries, { row }: MadeToken): Promise<true | typeof TOO_MANY> => {
    if (!(await hasRoom(transaction, accountIds.fromBytes(row.account_id), clock()))) return TOO_MANY;
    await insertApiToken(transaction, row);
    return true;
  };
  return {
    isOn: areTokensOn(settingsOf),
    scopes: defined,
    /** The longest lifetime, in milliseconds. */
    longest,

    authenticate: createAuthentication(core, { seals, defined, policy }),

    /** Makes a token, which `insert` adds to the database. */
    make: (wanted: WantedToken, now: number): MadeToken => make(seals, wanted, now),

    /** Whether an account may have one more token. */
    hasRoom: (on: Queries, accountId: AccountId): Promise<boolean> => hasRoom(on, accountId, clock()),

    /** Adds a token in the transaction of its cause. The account must be locked, so that two cannot both be the last. */
    insert,

    /** The same where no session of its user shows that the account exists, and is neither disabled nor to be deleted. */
    insertIfUsable: async (transaction: Queries, made: MadeToken) => {
      const account = await accounts.read(accountIds.fromBytes(made.row.account_id), transaction);
      if (account === null) return NOT_FOUND;
      return account.disabledAt === null && account.deleteAt === null ? insert(transaction, made) : UNUSABLE;
    },

    /** The tokens of an account that work, the newest first. */
    list: async (accountId: AccountId, now: number): Promise<readonly ApiToken[]> => {
      const rows = await apiTokensOf(database.queries, accountId);
      return rows.filter(({ expires_at }) => expires_at > now).map((row) => apiTokenFrom(row, defined));
    },

    /** Whose a token is; null where there is none. */
    ownerOf: async (id: ApiTokenId): Promise<AccountId | null> => {
      const owner = await accountOfApiToken(database.queries, id);
      return owner === undefined ? null : accountIds.fromBytes(owner);
    },

    /** Revokes a token from the next request on; of parallel requests, one gets `true`. */
    revoke: (accountId: AccountId, id: ApiTokenId): Promise<boolean> =>
      deleteApiToken(database.queries, accountId, id),

    /** Revokes all tokens of an account; returns how many there were. */
    revokeAll: (accountId: AccountId): Promise<number> => deleteApiTokensOf(database.queries, accountId),
  };
}

function make(
  { sealOf }: RowSeals<SealedToken>,
  { accountId, name, scopes, lifetime }: WantedToken,
  now: number,
): MadeToken {
  const token = newApiToken();
  const id = apiTokenIds.create(now);
  const row = {
    token_hash: hashToken(token),
    id: idToBytes(id),
    account_id: idToBytes(accountId),
    name,
    scopes: scopes.join(' '),
    created_at: now,
    expires_at: now + lifetime,
  };
  return { token, id, row: { ...row, seal: sealOf(row) } };
}

async function hasRoom(on: Queries, accountId: AccountId, now: number): Promise<boolean> {
  const present = await apiTokensOf(on, accountId);
  return present.filter(({ expires_at }) => expires_at > now).length < MOST_TOKENS;
}

export const apiTokensService = defineService({
  needs: { policy: factorPolicyService },
  create: (core, { policy }) => createApiTokens(core, policy),
});

/** The name of a token as it is stored; null for a text that can be none. */
export function parseTokenName(text: string): string | null {
  const name = text.trim();
  const isFitting = name !== '' && [...name].length <= LONGEST_NAME;
  // Neither line breaks, nor what shows a name in another order.
  return isFitting && !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(name) ? name : null;
}

/** Notifies the owner of an account that a program can use it. */
export function apiTokenNotice(name: string): ChangeNotice {
  return ({ username }) => emails.apiTokenCreated.with({ username, page: paths.apiTokens, token: name });
}
