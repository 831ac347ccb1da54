import type { Configuration } from 'openid-client';
import { SECOND } from '../../../platform/runtime/index.ts';
import type { ProofKeys } from '../authorization-requests.ts';
import { type Claims, claimsSchema } from '../providers/claims.ts';
import { isRole, MAX_ROLES } from '../providers/group-names.ts';
import type { Ask, OAuth, Provider } from '../providers/provider.ts';
import { type ProviderTokens, type TokenResponse, tokensFrom } from '../store/tokens.ts';
import { hasDuplicates } from './duplicate-claims.ts';
import { type Failure, failureFrom } from './failure.ts';
import type { ProviderClient } from './provider-client.ts';

type AuthorizationParameters = {
  readonly state: string;
  readonly keys: ProofKeys;
  /** The one address to which the provider redirects. */
  readonly redirectUri: URL;
  /** Whether the provider must authenticate the user again, whatever session the user has there. */
  readonly mustReauthenticate: boolean;
};

/** The address of the authorization endpoint for the browser. @see RFC 9700 §2.1 */
export async function authorizationUrl(
  { provider, configuration }: ProviderClient,
  { state, keys, redirectUri, mustReauthenticate }: AuthorizationParameters,
): Promise<URL | Failure> {
  try {
    const openid = await import('openid-client');
    const known = await configuration();
    const parameters = {
      ...provider.parameters,
      redirect_uri: redirectUri.href,
      scope: provider.scopes.join(' '),
      state,
      code_challenge: await openid.calculatePKCECodeChallenge(keys.codeVerifier),
      code_challenge_method: 'S256',
      ...(provider.protocol.kind === 'openid-connect' && { nonce: keys.nonce }),
      ...(mustReauthenticate && { prompt: 'login', max_age: '0' }),
    };
    // Pushed by the server, the parameters do not pass through the browser (RFC 9126).
    const canPush = known.serverMetadata().pushed_authorization_request_endpoint !== undefined;
    const url = canPush
      ? await openid.buildAuthorizationUrlWithPAR(known, parameters)
      : openid.buildAuthorizationUrl(known, parameters);
    // In development http: is allowed, too. No other scheme is a page.
    const isPage = url.protocol === 'https:' || url.protocol === 'http:';
    return isPage ? url : { reason: 'invalid', code: 'no-page-to-sign-in' };
  } catch (error) {
    return failureFrom(error);
  }
}

/** A user at a provider. Issuer and subject are the identity, and nothing else is (A22). */
export type ExternalIdentity = {
  readonly issuer: string;
  readonly subject: string;
  readonly claims: Claims;
  /** The session id at the provider, by which a logout token names the session; null without one. */
  readonly sid: string | null;
  /** When the provider authenticated the user, in milliseconds of UTC; null if unknown, as with OAuth 2.0 (A70). */
  readonly authenticatedAt: number | null;
  /** The roles that the operator's settings give to the user. */
  readonly roles: readonly string[];
  /** The ID token, as a hint for RP-initiated logout; null if that is off. */
  readonly idToken: string | null;
  /** Null if they are not to be kept. */
  readonly tokens: ProviderTokens | null;
};

type Callback = {
  /** The redirect URI with the parameters of the response. */
  readonly url: URL;
  readonly state: string;
  readonly keys: ProofKeys;
  /** The maximum time since the provider authenticated the user, in seconds; null for any. */
  readonly maximumAge: number | null;
  /** Milliseconds of UTC. */
  readonly now: number;
};

/**
 * Exchanges the response of a provider for an identity. Validates `iss` and `state` of the response, the code with its
 * verifier, then issuer, audience, nonce, times and signature of the ID token.
 */
export async function exchangeCode(
  client: ProviderClient,
  answer: Callback,
): Promise<ExternalIdentity | Failure> {
  try {
    const configuration = await client.configuration();
    const { protocol, isAdmitted } = client.provider;
    const found =
      protocol.kind === 'oauth'
        ? await fromOAuth(configuration, client.provider, protocol, answer)
        : await fromOpenIdConnect(configuration, client.provider, answer);
    // Only `true` admits: an application's own provider may return a promise by mistake (A65).
    if ('reason' in found || isAdmitted === undefined || isAdmitted(found.claims) === true) return found;
    return { reason: 'not-admitted', code: refusedBy(client.provider, found.claims) };
  } catch (error) {
    return failureFrom(error);
  }
}

/** The claim that did not admit the user, and whether it was missing. */
function refusedBy({ admittedBy }: Provider, claims: Claims): string | null {
  if (admittedBy === undefined) return null;
  return (claims[admittedBy] ?? '').length === 0 ? `no-${admittedBy}` : `other-${admittedBy}`;
}

async function fromOpenIdConnect(
  configuration: Configuration,
  provider: Provider,
  answer: Callback,
): Promise<ExternalIdentity | Failure> {
  const { authorizationCodeGrant, fetchUserInfo } = await import('openid-client');
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
    authenticatedAt: provider.canReauthenticate === true ? authenticatedAt(ofToken, answer.now) : null,
    idToken: provider.hasRpInitiatedLogout === true ? idToken : null,
    ...claimedBy(provider, claims, tokens, answer),
  };
}

/** The clock of a provider may be ahead. */
function authenticatedAt({ auth_time: seconds }: Claims, now: number): number | null {
  return seconds === undefined ? null : Math.min(seconds * SECOND, now);
}

async function fromOAuth(
  configuration: Configuration,
  provider: Provider,
  protocol: OAuth,
  answer: Callback,
): Promise<ExternalIdentity | Failure> {
  const { url, state, keys, maximumAge } = answer;
  // OAuth 2.0 does not report when the user authenticated (A70).
  if (maximumAge !== null) return { reason: 'invalid', code: 'no-auth-time' };
  const { authorizationCodeGrant } = await import('openid-client');
  const tokens = await authorizationCodeGrant(configuration, url, {
    expectedState: state,
    pkceCodeVerifier: keys.codeVerifier,
  });
  const claims = claimsSchema.parse(await protocol.readClaims(createAsk(configuration, tokens.access_token)));
  const { issuer } = configuration.serverMetadata();
  const claimed = claimedBy(provider, claims, tokens, answer);
  return { issuer, subject: claims.sub, sid: null, authenticatedAt: null, idToken: null, ...claimed };
}

function claimedBy(
  { scopes, rolesOf, keepsTokens }: Provider,
  claims: Claims,
  tokens: TokenResponse,
  { now }: Callback,
): Pick<ExternalIdentity, 'claims' | 'roles' | 'tokens'> {
  // The function of an application's own provider may return any text.
  const roles = (rolesOf?.(claims) ?? []).filter(isRole).slice(0, MAX_ROLES);
  return { claims, roles, tokens: keepsTokens === true ? tokensFrom(tokens, scopes, now) : null };
}

function createAsk(configuration: Configuration, accessToken: string): Ask {
  return async (address) => {
    const { fetchProtectedResource } = await import('openid-client');
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
