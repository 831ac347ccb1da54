import { refreshTokenGrant } from 'openid-client';
import type { Core } from '../../../auth/core.ts';
import type { Queries } from '../../../auth/schema.ts';
import { MINUTE, SECOND } from '../../../platform/runtime/clock.ts';
import { bytesToId } from '../../../platform/text/uuid.ts';
import { type Failure, failureFrom } from '../protocol/failure.ts';
import type { ProviderClient } from '../protocol/provider-client.ts';
import { identitiesOf, lockIdentity } from '../store.ts';
import { openTokens, sealTokens } from './keeping.ts';
import { type ProviderTokens, tokensFrom } from './provider-tokens.ts';
import { deleteTokens, findTokens, releaseRefresh, replaceTokens, reserveRefresh } from './store.ts';

/** With what an application calls another site in the name of somebody. */
export type ProviderToken = {
  readonly accessToken: string;
  /** Milliseconds of UTC; null where the site does not say. */
  readonly expiresAt: number | null;
  readonly scopes: readonly string[];
};

/** Thrown where a token has run out and the site does not give another one at the moment; it may later. */
export class ProviderUnavailableError extends Error {
  constructor(provider: string, cause: Failure) {
    super(`${provider} does not refresh a token at the moment: ${cause.code ?? cause.reason}`);
    this.name = 'ProviderUnavailableError';
  }
}

/**
 * Gives a token that is good for a minute at least, refreshed where it has to be.
 * @returns null where the person has not connected the site, or it no longer honours what it gave: they connect it anew
 * @throws {RangeError} where no such site is set, or its tokens are not kept
 * @throws {ProviderUnavailableError} where the site does not answer
 */
export type GetProviderToken = (accountId: string, provider: string) => Promise<ProviderToken | null>;

/** A token that runs out sooner is refreshed first, in milliseconds. */
const LEAST_LIFE = MINUTE;
/** How long one node may take to refresh before another one tries, in milliseconds. */
const LEASE = 30 * SECOND;
const PAUSE = 100;

export function createGetProviderToken(core: Core, clients: readonly ProviderClient[]): GetProviderToken {
  return async (accountId, name) => {
    const client = clients.find(({ provider }) => provider.name === name);
    if (client === undefined) throw new RangeError(`no site named ${name} is set`);
    if (client.provider.keepsTokens !== true)
      throw new RangeError(`the tokens of ${name} are not kept; set its …_TOKENS to keep`);
    const identities = (await identitiesOf(core.database.queries, accountId))
      .filter(({ provider }) => provider === name)
      .toSorted((one, other) => (other.last_used_at ?? 0) - (one.last_used_at ?? 0));
    for (const { id } of identities) {
      const token = await tokenOf(core, client, bytesToId(id));
      if (token !== null) return token;
    }
    return null;
  };
}

/** Reads, and where the token has run out refreshes, or waits for whoever is at it. */
async function tokenOf(
  core: Core,
  client: ProviderClient,
  identityId: string,
): Promise<ProviderToken | null> {
  const { database, providerSeal, clock, pause } = core;
  const { queries } = database;
  for (let waited = 0; waited <= LEASE; waited += PAUSE) {
    const row = await findTokens(queries, identityId);
    const tokens = row === undefined ? null : openTokens(providerSeal, identityId, row.tokens);
    if (row === undefined || tokens === null) return null;
    const now = clock();
    if (isGood(tokens, now)) return toldOf(tokens);
    if (tokens.refreshToken === null) return null;
    const { version } = row;
    if (await reserveRefresh(queries, identityId, { version, now, until: now + LEASE }))
      return refresh(core, client, { identityId, version, tokens, refreshToken: tokens.refreshToken });
    await pause(PAUSE);
  }
  throw new ProviderUnavailableError(client.provider.name, { reason: 'unavailable', code: 'timed-out' });
}

type Refreshing = {
  readonly identityId: string;
  readonly version: number;
  readonly tokens: ProviderTokens;
  readonly refreshToken: string;
};

/** @returns null where the provider no longer honours what it gave @throws {ProviderUnavailableError} */
async function refresh(
  core: Core,
  client: ProviderClient,
  refreshing: Refreshing,
): Promise<ProviderToken | null> {
  const { identityId, version, tokens, refreshToken } = refreshing;
  const answer = await refreshed(client, refreshToken, tokens.scopes, core.clock());
  if ('reason' in answer) {
    if (answer.code !== 'invalid_grant') {
      await releaseRefresh(core.database.queries, identityId, version);
      throw new ProviderUnavailableError(client.provider.name, answer);
    }
    await whileLocked(core, identityId, (transaction) => deleteTokens(transaction, identityId, version));
    return null;
  }
  await whileLocked(core, identityId, (transaction) => keepFresh(core, transaction, refreshing, answer));
  return toldOf(answer);
}

/** What is kept of an identity changes under its lock alone, so that nothing that a provider gave gets lost between two. */
function whileLocked(
  { database }: Core,
  identityId: string,
  work: (transaction: Queries) => Promise<void>,
): Promise<void> {
  return database.transaction(async (transaction) => {
    if (await lockIdentity(transaction, identityId)) await work(transaction);
  });
}

/**
 * Keeps what a refresh has brought. Where somebody has signed in meanwhile, what came with that stays, but for a refresh
 * token that has just been spent.
 */
async function keepFresh(
  { providerSeal, clock }: Core,
  transaction: Queries,
  { identityId, version, refreshToken: spent }: Refreshing,
  answer: ProviderTokens,
): Promise<void> {
  const row = await findTokens(transaction, identityId);
  const standing = row === undefined ? null : openTokens(providerSeal, identityId, row.tokens);
  if (row === undefined || standing === null) return;
  const isOvertaken = row.version !== version;
  if (isOvertaken && standing.refreshToken !== spent) return;
  const refreshToken = answer.refreshToken ?? spent;
  const fresh = { ...(isOvertaken ? standing : answer), refreshToken };
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
    const answer = await refreshTokenGrant(await client.configuration(), refreshToken);
    return tokensFrom(answer, scopes, now);
  } catch (error) {
    return failureFrom(error);
  }
}

function isGood({ expiresAt }: ProviderTokens, now: number): boolean {
  return expiresAt === null || expiresAt - now >= LEAST_LIFE;
}

function toldOf({ accessToken, expiresAt, scopes }: ProviderTokens): ProviderToken {
  return { accessToken, expiresAt, scopes };
}
