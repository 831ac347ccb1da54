import type { Core } from '../../auth/core.ts';
import { accountIds } from '../../auth/identifiers/ids.ts';
import type { Queries } from '../../auth/schema.ts';
import { MINUTE, SECOND } from '../../platform/runtime/index.ts';
import { bytesToId, type Id } from '../../platform/text/index.ts';
import { type Failure, failureFrom } from './client/failure.ts';
import type { ProviderClient } from './client/provider-client.ts';
import { identitiesOf, lockIdentity } from './store/identities.ts';
import {
  deleteTokens,
  findTokens,
  openTokens,
  type ProviderTokens,
  releaseRefresh,
  replaceTokens,
  reserveRefresh,
  sealTokens,
  tokensFrom,
} from './store/tokens.ts';

/** An access token for an application's calls to a provider on behalf of a user. */
export type ProviderToken = {
  readonly accessToken: string;
  /** Milliseconds of UTC; null if the provider does not say. */
  readonly expiresAt: number | null;
  readonly scopes: readonly string[];
};

/** Thrown if a token has expired and the provider cannot refresh it at the moment. */
export class ProviderUnavailableError extends Error {
  constructor(provider: string, cause: Failure) {
    super(`${provider} does not refresh a token at the moment: ${cause.code ?? cause.reason}`);
    this.name = 'ProviderUnavailableError';
  }
}

/**
 * Returns a token that is valid for at least a minute, and refreshes it if necessary.
 * @returns null if the user has not linked the provider or it no longer accepts the tokens: the user links it again
 * @throws {RangeError} if the provider is not configured or its tokens are not kept
 * @throws {ProviderUnavailableError} if the provider does not respond
 */
export type GetProviderToken = (userId: string, provider: string) => Promise<ProviderToken | null>;

/** A token that expires sooner is refreshed first; in milliseconds. */
const MIN_LIFETIME = MINUTE;
/** The time for one node to refresh before another one may try, in milliseconds. */
const LEASE = 30 * SECOND;
const PAUSE = 100;

export function createGetProviderToken(core: Core, clients: readonly ProviderClient[]): GetProviderToken {
  return async (userId, name) => {
    const client = clients.find(({ provider }) => provider.name === name);
    if (client === undefined) throw new RangeError(`no site named ${name} is set`);
    if (client.provider.keepsTokens !== true)
      throw new RangeError(`the tokens of ${name} are not kept; set its …_TOKENS to keep`);
    // An application passes an id of its own: one that cannot be an account's has no identities.
    const accountId = accountIds.parse(userId);
    const linked = accountId === null ? [] : await identitiesOf(core.database.queries, accountId);
    const identities = linked
      .filter(({ provider }) => provider === name)
      .toSorted((one, other) => (other.last_used_at ?? 0) - (one.last_used_at ?? 0));
    for (const { id } of identities) {
      const token = await tokenOf(core, client, bytesToId(id));
      if (token !== null) return token;
    }
    return null;
  };
}

/** Reads the token; refreshes an expired one, or waits for the node that is refreshing it. */
async function tokenOf(core: Core, client: ProviderClient, identityId: Id): Promise<ProviderToken | null> {
  const { database, providerSeal, clock, pause } = core;
  const { queries } = database;
  for (let waited = 0; waited <= LEASE; waited += PAUSE) {
    const row = await findTokens(queries, identityId);
    const tokens = row === undefined ? null : openTokens(providerSeal, identityId, row.tokens);
    if (row === undefined || tokens === null) return null;
    const now = clock();
    if (isUsable(tokens, now)) return publicPart(tokens);
    if (tokens.refreshToken === null) return null;
    const { version } = row;
    if (await reserveRefresh(queries, identityId, { version, now, until: now + LEASE }))
      return refresh(core, client, { identityId, version, tokens, refreshToken: tokens.refreshToken });
    await pause(PAUSE);
  }
  throw new ProviderUnavailableError(client.provider.name, { reason: 'unavailable', code: 'timed-out' });
}

type Refreshing = {
  readonly identityId: Id;
  readonly version: number;
  readonly tokens: ProviderTokens;
  readonly refreshToken: string;
};

/**
 * The error codes after which only the user can bring new tokens: RFC 6749 §5.2, GitHub, and Microsoft, where a policy wants
 * the user to authenticate again.
 * @see https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const ENDED = ['invalid_grant', 'bad_refresh_token', 'interaction_required'];

/** @returns null if the provider no longer accepts the refresh token @throws {ProviderUnavailableError} */
async function refresh(
  core: Core,
  client: ProviderClient,
  refreshing: Refreshing,
): Promise<ProviderToken | null> {
  const { identityId, version, tokens, refreshToken } = refreshing;
  const answer = await refreshed(client, refreshToken, tokens.scopes, core.clock());
  if ('reason' in answer) {
    if (!ENDED.includes(answer.code ?? '')) {
      await releaseRefresh(core.database.queries, identityId, version);
      throw new ProviderUnavailableError(client.provider.name, answer);
    }
    await whileLocked(core, identityId, (transaction) => deleteTokens(transaction, identityId, version));
    return null;
  }
  await whileLocked(core, identityId, (transaction) => keepFresh(core, transaction, refreshing, answer));
  return publicPart(answer);
}

/** Tokens change under the lock of their identity only, so that parallel changes lose none. */
function whileLocked(
  { database }: Core,
  identityId: Id,
  work: (transaction: Queries) => Promise<void>,
): Promise<void> {
  return database.transaction(async (transaction) => {
    if (await lockIdentity(transaction, identityId)) await work(transaction);
  });
}

/**
 * Stores refreshed tokens. If the user has signed in meanwhile, the tokens of that sign-in stay, except for a refresh token
 * that has just been used.
 */
async function keepFresh(
  { providerSeal, clock }: Core,
  transaction: Queries,
  { identityId, version, refreshToken: spent }: Refreshing,
  answer: ProviderTokens,
): Promise<void> {
  const row = await findTokens(transaction, identityId);
  const current = row === undefined ? null : openTokens(providerSeal, identityId, row.tokens);
  if (row === undefined || current === null) return;
  const isDuetaken = row.version !== version;
  if (isDuetaken && current.refreshToken !== spent) return;
  const refreshToken = answer.refreshToken ?? spent;
  const fresh = { ...(isDuetaken ? current : answer), refreshToken };
  const sealed = sealTokens(providerSeal, identityId, fresh);
  if (sealed === null) return deleteTokens(transaction, identityId, row.version);
  const kept = { tokens: sealed, expires_at: fresh.expiresAt, updated_at: clock() };
  await replaceTokens(transaction, identityId, row.version, kept);
}

async function refreshed(
  client: ProviderClient,
  refreshToken: string,
  scopes: readonly string[],
  now: number,
): Promise<ProviderTokens | Failure> {
  try {
    const { refreshTokenGrant } = await import('openid-client');
    const answer = await refreshTokenGrant(await client.configuration(), refreshToken);
    return tokensFrom(answer, scopes, now);
  } catch (error) {
    return failureFrom(error);
  }
}

function isUsable({ expiresAt }: ProviderTokens, now: number): boolean {
  return expiresAt === null || expiresAt - now >= MIN_LIFETIME;
}

function publicPart({ accessToken, expiresAt, scopes }: ProviderTokens): ProviderToken {
  return { accessToken, expiresAt, scopes };
}
