import type { Core } from '../auth/core.ts';
import type { AccountId } from '../auth/identifiers/ids.ts';
import type { NewNotice } from '../auth/mail/notices.ts';
import {
  type ApiToken,
  type ApiTokens,
  apiTokenIds,
  apiTokenNotice,
  apiTokensService,
  events,
  type MadeToken,
  parseLifetime,
  parseTokenName,
} from '../features/api-tokens/index.ts';
import type { System } from '../latchkey.ts';
import { transact } from '../platform/sql/index.ts';
import { requireTokens } from './bearer.ts';
import type { Duration } from './setting-options.ts';
import { announceBy, type By, parseActor } from './user-actor.ts';
import { findById, NOT_FOUND, type NotFound, onAccount } from './user-changes.ts';

export type NewApiToken<Scope extends string = string> = By & {
  /** What its user will know it by, in 1 to 60 characters. */
  readonly name: string;
  /** Required where the application defines scopes. */
  readonly scopes?: readonly Scope[];
  /** How long it works, such as `30d`; at most, and by default, `apiTokenLifetime`. */
  readonly expires?: Duration;
};

/** An API token without its secret. All times are milliseconds of UTC. */
export type ApiTokenRecord<Scope extends string = string> = Omit<ApiToken, 'id' | 'scopes'> & {
  readonly id: string;
  readonly scopes: readonly Scope[];
};

export type ApiTokenCreated =
  | {
      readonly ok: true;
      readonly id: string;
      /** The secret, which nothing gives again. */
      readonly token: string;
      /** Milliseconds of UTC. */
      readonly expiresAt: number;
    }
  | { readonly ok: false; readonly reason: NewApiTokenProblem };

export type NewApiTokenProblem =
  | 'not-found'
  /** The account is disabled, or is to be deleted. */
  | 'unusable'
  | 'name-invalid'
  | 'scope-missing'
  | 'unknown-scope'
  | 'expiry-unknown'
  | 'too-many-tokens';

/** The API tokens of users, for the application. Every change names its actor (`by`). */
export type Tokens<Scope extends string = string> = {
  /** Creates a token for a user, and notifies the user by mail. */
  create(userId: string, token: NewApiToken<Scope>): Promise<ApiTokenCreated>;
  /** The tokens of a user that work, the newest first. */
  list(userId: string): Promise<readonly ApiTokenRecord<Scope>[]>;
  /** Revokes a token from the next request on. */
  revoke(id: string, by: By): Promise<{ readonly ok: true } | NotFound>;
};

/** @param ready settles when the database may be used; until then, every call waits */
export function createTokens(system: System, ready: Promise<void>): Tokens {
  const { core } = system;
  const apiTokens = system.use(apiTokensService);
  const announce = announceBy(core, 'application');
  return {
    create: async (userId, wanted) => {
      requireTokens(system);
      await ready;
      return onAccount<ApiTokenCreated>(core.accounts, userId, wanted, async ({ id: accountId }, actor) => {
        const read = readNewToken(apiTokens, wanted);
        if (!read.ok) return read;
        const made = apiTokens.make({ accountId, ...read }, core.clock());
        const inserted = await insert(core, apiTokens, accountId, made);
        if (!inserted.ok)
          return { ok: false, reason: inserted.reason === 'conflict' ? 'not-found' : inserted.reason };
        announce(events.apiTokenCreated, { accountId, tokenId: made.id }, actor);
        return { ok: true, id: made.id, token: made.token, expiresAt: made.row.expires_at };
      });
    },

    list: async (userId) => {
      await ready;
      const account = await findById(core.accounts, userId);
      return account === null ? [] : apiTokens.list(account.id, core.clock());
    },

    revoke: async (id, { by }) => {
      const actor = parseActor(by);
      await ready;
      const tokenId = apiTokenIds.parse(String(id));
      const accountId = tokenId === null ? null : await apiTokens.ownerOf(tokenId);
      if (tokenId === null || accountId === null) return NOT_FOUND;
      if (!(await apiTokens.revoke(accountId, tokenId))) return NOT_FOUND;
      announce(events.apiTokenRevoked, { accountId, tokenId }, actor);
      return { ok: true };
    },
  };
}

type Limits = { readonly scopes: readonly string[]; readonly longest: number };

function readNewToken(
  { scopes: defined, longest }: Limits,
  { name: text, scopes = [], expires }: NewApiToken,
) {
  const refused = (reason: NewApiTokenProblem) => ({ ok: false, reason }) as const;
  const name = parseTokenName(String(text));
  if (name === null) return refused('name-invalid');
  if (!scopes.every((scope) => defined.includes(scope))) return refused('unknown-scope');
  if (scopes.length === 0 && defined.length > 0) return refused('scope-missing');
  const lifetime = expires === undefined ? longest : parseLifetime(expires, longest);
  if (lifetime === null) return refused('expiry-unknown');
  return { ok: true, name, scopes: defined.filter((scope) => scopes.includes(scope)), lifetime } as const;
}

/** The token and the mail to its user, in one transaction under the lock of the account. */
function insert(
  { accounts, clock, database, notices }: Core,
  apiTokens: ApiTokens,
  accountId: AccountId,
  made: MadeToken,
) {
  const occasion = notices.occasionOf(null, clock());
  const notice = apiTokenNotice(made.row.name);
  return transact(database, async (transaction) => {
    await accounts.lock(transaction, accountId);
    const inserted = await apiTokens.insertIfUsable(transaction, made);
    if (inserted !== true) return inserted;
    const write: NewNotice['write'] = (about) => notice(about, { transaction, disconnected: [] });
    await notices.queue(transaction, { accountId, occasion, write });
    return { ok: true } as const;
  });
}
