import {
  authorizationCodeGrant,
  type Configuration,
  fetchProtectedResource,
  fetchUserInfo,
} from 'openid-client';
import { SECOND } from '../../../platform/runtime/clock.ts';
import { type Claims, claimsSchema } from '../providers/claims.ts';
import { isRole, MOST_ROLES } from '../providers/group-names.ts';
import type { Ask, OAuth, Provider } from '../providers/provider.ts';
import { type ProviderTokens, type TokenAnswer, tokensFrom } from '../tokens/provider-tokens.ts';
import type { ProofKeys } from '../transactions/proof-keys.ts';
import { hasDuplicates } from './duplicate-claims.ts';
import { type Failure, failureFrom } from './failure.ts';
import type { ProviderClient } from './provider-client.ts';

/** Who somebody is at a provider. The issuer and the subject are the identity, and nothing else is (A22). */
export type ExternalIdentity = {
  readonly issuer: string;
  readonly subject: string;
  readonly claims: Claims;
  /** What the provider calls its own session, by which it ends ours; null where it says nothing. */
  readonly sid: string | null;
  /** When the user authenticated there, in milliseconds of UTC; null where that is not known, as after OAuth 2.0 (A70). */
  readonly authenticatedAt: number | null;
  /** What the person may be here, by the names of the settings. */
  readonly roles: readonly string[];
  /** The signed token itself, with which people are signed out there, too; null where that is not asked for. */
  readonly idToken: string | null;
  /** Null where nobody has asked for them: then they are dropped here. */
  readonly tokens: ProviderTokens | null;
};

export type Answer = {
  /** The address that the browser came back to, as this site has it. */
  readonly url: URL;
  readonly state: string;
  readonly keys: ProofKeys;
  /** The person must have proven who they are no longer ago than this, in seconds; null where that does not matter. */
  readonly maximumAge: number | null;
  /** Milliseconds of UTC. */
  readonly now: number;
};

/**
 * Turns the answer of a provider into who somebody is: `iss` and `state` of the answer, the code with its verifier, then
 * issuer, audience, nonce, times and signature of the token.
 */
export async function exchange(client: ProviderClient, answer: Answer): Promise<ExternalIdentity | Failure> {
  try {
    const configuration = await client.configuration();
    const { protocol, isAdmitted } = client.provider;
    const found =
      protocol.kind === 'oauth'
        ? await fromOAuth(configuration, client.provider, protocol, answer)
        : await fromOpenIdConnect(configuration, client.provider, answer);
    // Only `true` admits: the rule of an application’s own provider may return a promise by mistake (A65).
    if ('reason' in found || isAdmitted === undefined || isAdmitted(found.claims) === true) return found;
    return { reason: 'not-admitted', code: refusedBy(client.provider, found.claims) };
  } catch (error) {
    return failureFrom(error);
  }
}

/** Which claim did not admit the user, and whether it was there to be judged. */
function refusedBy({ admittedBy }: Provider, claims: Claims): string | null {
  if (admittedBy === undefined) return null;
  return (claims[admittedBy] ?? '').length === 0 ? `no-${admittedBy}` : `other-${admittedBy}`;
}

async function fromOpenIdConnect(
  configuration: Configuration,
  provider: Provider,
  answer: Answer,
): Promise<ExternalIdentity | Failure> {
  const { url, state, keys, maximumAge } = answer;
  const tokens = await authorizationCodeGrant(configuration, url, {
    expectedState: state,
    expectedNonce: keys.nonce,
    pkceCodeVerifier: keys.codeVerifier,
    idTokenExpected: true,
    ...(maximumAge !== null && { maxAge: maximumAge }),
  });
  const token = tokens.claims();
  const idToken = tokens.id_token;
  if (token === undefined || idToken === undefined) return { reason: 'invalid', code: 'no-id-token' };
  if (hasDuplicates(idToken)) return { reason: 'invalid', code: 'duplicate-claims' };
  const ofToken = claimsSchema.parse(token);
  const { userinfo_endpoint: endpoint } = configuration.serverMetadata();
  const needsAll = provider.isAdmitted !== undefined || provider.rolesOf !== undefined;
  const isWhole = (ofToken.email !== undefined && !needsAll) || endpoint === undefined;
  const claims = isWhole
    ? ofToken
    : claimsSchema.parse({
        ...token,
        ...(await fetchUserInfo(configuration, tokens.access_token, token.sub)),
      });
  return {
    issuer: token.iss,
    subject: ofToken.sub,
    sid: ofToken.sid ?? null,
    authenticatedAt: provider.canReauthenticate ? authenticatedAt(ofToken, answer.now) : null,
    idToken: provider.hasRpInitiatedLogout === true ? idToken : null,
    ...whatIsTold(provider, claims, tokens, answer),
  };
}

/** The clock of a provider may be ahead of ours. */
function authenticatedAt({ auth_time: seconds }: Claims, now: number): number | null {
  return seconds === undefined ? null : Math.min(seconds * SECOND, now);
}

async function fromOAuth(
  configuration: Configuration,
  provider: Provider,
  protocol: OAuth,
  answer: Answer,
): Promise<ExternalIdentity | Failure> {
  const { url, state, keys, maximumAge } = answer;
  // OAuth 2.0 does not say when the user authenticated (A70).
  if (maximumAge !== null) return { reason: 'invalid', code: 'no-auth-time' };
  const tokens = await authorizationCodeGrant(configuration, url, {
    expectedState: state,
    pkceCodeVerifier: keys.codeVerifier,
  });
  const claims = claimsSchema.parse(await protocol.readClaims(asking(configuration, tokens.access_token)));
  const { issuer } = configuration.serverMetadata();
  const told = whatIsTold(provider, claims, tokens, answer);
  return { issuer, subject: claims.sub, sid: null, authenticatedAt: null, idToken: null, ...told };
}

function whatIsTold(
  { scopes, rolesOf, keepsTokens }: Provider,
  claims: Claims,
  tokens: TokenAnswer,
  { now }: Answer,
): Pick<ExternalIdentity, 'claims' | 'roles' | 'tokens'> {
  // Those of an application’s own provider may come from anywhere.
  const roles = (rolesOf?.(claims) ?? []).filter(isRole).slice(0, MOST_ROLES);
  return { claims, roles, tokens: keepsTokens === true ? tokensFrom(tokens, scopes, now) : null };
}

function asking(configuration: Configuration, accessToken: string): Ask {
  return async (address) => {
    const headers = new Headers({ accept: 'application/json' });
    const response = await fetchProtectedResource(
      configuration,
      accessToken,
      address,
      'GET',
      undefined,
      headers,
    );
    return response.status === 200 ? response.json() : null;
  };
}
