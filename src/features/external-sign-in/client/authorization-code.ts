import type { Configuration, IDToken } from 'openid-client';
import { SECOND } from '../../../platform/runtime/index.ts';
import type { ProofKeys } from '../authorization-requests.ts';
import { type Claims, claimsSchema, readClaims } from '../providers/claims.ts';
import { isRole, MAX_ROLES } from '../providers/group-names.ts';
import type { Ask, OAuth, Provider } from '../providers/provider.ts';
import { type ProviderTokens, type TokenResponse, tokensFrom } from '../store/tokens.ts';
import { hasDuplicates } from './duplicate-claims.ts';
import {
  claimNamesOf,
  clockFailure,
  type Failure,
  failureFrom,
  failureOfStatus,
  PROOF_TOLERANCE,
} from './failure.ts';
import type { ProviderClient } from './provider-client.ts';

type AuthorizationRequest = {
  readonly state: string;
  readonly keys: ProofKeys;
  /** The one address to which the provider redirects. */
  readonly redirectUri: URL;
};

/** The parameters that every authorization request to a provider has. */
export async function authorizationParameters(
  { parameters, scopes, protocol }: Provider,
  { state, keys, redirectUri }: AuthorizationRequest,
): Promise<Record<string, string>> {
  const { calculatePKCECodeChallenge } = await import('openid-client');
  return {
    ...parameters,
    redirect_uri: redirectUri.href,
    scope: scopes.join(' '),
    state,
    code_challenge: await calculatePKCECodeChallenge(keys.codeVerifier),
    code_challenge_method: 'S256',
    ...(protocol.kind === 'openid-connect' && { nonce: keys.nonce }),
  };
}

type SignInRequest = AuthorizationRequest & {
  /** Whether the provider must authenticate the user again, whatever session the user has there. */
  readonly mustReauthenticate: boolean;
};

/** The address of the authorization endpoint for the browser. @see RFC 9700 §2.1 */
export async function authorizationUrl(
  { provider, configuration }: ProviderClient,
  { mustReauthenticate, ...request }: SignInRequest,
): Promise<URL | Failure> {
  try {
    const openid = await import('openid-client');
    const known = await configuration();
    const parameters = {
      ...(await authorizationParameters(provider, request)),
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
  /** Why details of the profile are missing that the provider may have, as a code for the log; null if none are. */
  readonly incomplete: string | null;
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
    const { protocol } = client.provider;
    return await (protocol.kind === 'oauth'
      ? fromOAuth(configuration, client.provider, protocol, answer)
      : fromOpenIdConnect(configuration, client.provider, answer));
  } catch (error) {
    return failureFrom(error);
  }
}

/** What is known of a user beside the proof of the identity. */
type Profile = {
  readonly claims: Claims;
  /** The names of what the provider sent. */
  readonly names: readonly string[];
  /** Why a part of it could not be read; null if none is missing. */
  readonly missing: string | null;
};

/**
 * Why the settings do not admit the user; null if they do. A rule is satisfied by what was read only, and one that it does
 * not satisfy cannot be evaluated where a part is missing (A65).
 */
function admissionFailure(
  { isAdmitted, admittedBy, groupsClaim }: Provider,
  { claims, names: claimNames, missing }: Profile,
): Failure | null {
  // Only `true` admits: an application's own provider may return a promise by mistake (A65).
  if (isAdmitted === undefined || isAdmitted(claims) === true) return null;
  if (admittedBy === undefined)
    return { reason: missing === null ? 'not-admitted' : 'not-evaluated', code: missing, claimNames };
  const incomplete = claims.incomplete?.includes(admittedBy) === true ? `incomplete-${admittedBy}` : null;
  const unread = missing ?? incomplete;
  if (unread !== null) return { reason: 'not-evaluated', code: unread, claimNames };
  const name = admittedBy === 'groups' ? (groupsClaim ?? admittedBy) : admittedBy;
  const code = `${(claims[admittedBy] ?? '').length === 0 ? 'no' : 'other'}-${name}`;
  return { reason: 'not-admitted', code, claimNames };
}

async function fromOpenIdConnect(
  configuration: Configuration,
  provider: Provider,
  answer: Callback,
): Promise<ExternalIdentity | Failure> {
  const { authorizationCodeGrant } = await import('openid-client');
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
  const ahead = Math.round(token.iat - Date.now() / SECOND);
  const isClockTrusted = Math.abs(ahead) <= PROOF_TOLERANCE;
  // By a clock that differs more, an authentication of earlier would count as one of now (A70).
  if (maximumAge !== null && !isClockTrusted) return clockFailure(ahead);
  if (maximumAge !== null && (ofToken.auth_time ?? 0) + maximumAge < Date.now() / SECOND - PROOF_TOLERANCE)
    return { reason: 'invalid', code: 'not-authenticated-again' };
  const profile = await profileFrom(configuration, provider, token, tokens.access_token);
  if ('reason' in profile) return profile;
  const canProve = provider.canReauthenticate === true && isClockTrusted;
  return (
    admissionFailure(provider, profile) ?? {
      issuer: token.iss,
      subject: ofToken.sub,
      sid: ofToken.sid ?? null,
      authenticatedAt: canProve ? authenticatedAt(ofToken, answer.now) : null,
      idToken: provider.hasRpInitiatedLogout === true ? idToken : null,
      ...claimedBy(provider, profile, tokens, answer),
    }
  );
}

/** The claims of the ID token, with those of UserInfo if the token lacks some that are needed. */
async function profileFrom(
  configuration: Configuration,
  provider: Provider,
  token: IDToken,
  accessToken: string,
): Promise<Profile | Failure> {
  const { userinfo_endpoint: endpoint } = configuration.serverMetadata();
  const needsAll = provider.isAdmitted !== undefined || provider.rolesOf !== undefined;
  const isOffered = typeof endpoint === 'string' && endpoint !== '';
  const isWhole = !isOffered || (!needsAll && claimsSchema.parse(token).email !== undefined);
  const { info, failure } = isWhole
    ? { info: {}, failure: null }
    : await readUserInfo(configuration, accessToken, token.sub);
  // The response is about another user.
  if (failure?.code === 'subject-differs') return failure;
  const found = withUserInfo(token, info);
  const missing = failure === null ? null : `userinfo-${failure.code ?? failure.reason}`;
  return { claims: readClaims(found, provider.groupsClaim), names: claimNamesOf(found), missing };
}

/** What UserInfo names is there as a whole, whatever the token leaves out. */
function withUserInfo(token: IDToken, info: object): object {
  if (!('groups' in info)) return { ...token, ...info };
  const { _claim_names: _, hasgroups: __, ...rest } = token;
  return { ...rest, ...info };
}

/** The profile of a user is optional: without it, the ID token still proves the identity. */
async function readUserInfo(
  configuration: Configuration,
  accessToken: string,
  subject: string,
): Promise<{ readonly info: object; readonly failure: Failure | null }> {
  const { fetchUserInfo } = await import('openid-client');
  try {
    return { info: await fetchUserInfo(configuration, accessToken, subject), failure: null };
  } catch (error) {
    return { info: {}, failure: await failureFrom(error) };
  }
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
  const profile = await profileOfApi(configuration, provider, protocol, tokens.access_token);
  if ('reason' in profile) return profile;
  const { issuer } = configuration.serverMetadata();
  const subject = profile.claims.sub;
  const claimed = claimedBy(provider, profile, tokens, answer);
  return (
    admissionFailure(provider, profile) ?? {
      issuer,
      subject,
      sid: null,
      authenticatedAt: null,
      idToken: null,
      ...claimed,
    }
  );
}

async function profileOfApi(
  configuration: Configuration,
  provider: Provider,
  { readClaims: readApi }: OAuth,
  accessToken: string,
): Promise<Profile | Failure> {
  let failed: Failure | null = null;
  const ask = createAsk(configuration, accessToken, (failure) => {
    failed = failure;
  });
  try {
    const found = await readApi(ask);
    const claims = readClaims(found, provider.groupsClaim);
    return { claims, names: claimNamesOf(Object(found)), missing: null };
  } catch (error) {
    const failure = await failureFrom(error);
    // What is malformed is most often the missing answer.
    return failure.reason === 'invalid' ? (failed ?? failure) : failure;
  }
}

function claimedBy(
  { scopes, rolesOf, keepsTokens }: Provider,
  { claims, missing }: Profile,
  tokens: TokenResponse,
  { now }: Callback,
): Pick<ExternalIdentity, 'claims' | 'incomplete' | 'roles' | 'tokens'> {
  // The function of an application's own provider may return any text.
  const roles = (rolesOf?.(claims) ?? []).filter(isRole).slice(0, MAX_ROLES);
  const lacksRoles = rolesOf !== undefined && claims.incomplete?.some((name) => ROLE_CLAIMS.includes(name));
  return {
    claims,
    incomplete: missing ?? (lacksRoles === true ? 'incomplete-groups' : null),
    roles,
    tokens: keepsTokens === true ? tokensFrom(tokens, scopes, now) : null,
  };
}

const ROLE_CLAIMS = ['groups', 'roles'];

function createAsk(
  configuration: Configuration,
  accessToken: string,
  onFailure: (failure: Failure) => void,
): Ask {
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
    const body = response.status === 200 ? await response.json().catch(() => null) : null;
    if (body === null) onFailure(failureOfStatus(response.status));
    return body;
  };
}
