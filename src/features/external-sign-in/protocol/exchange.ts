import {
  authorizationCodeGrant,
  type Configuration,
  fetchProtectedResource,
  fetchUserInfo,
} from 'openid-client';
import { type Claims, claimsSchema } from '../providers/claims.ts';
import type { Ask, OAuth } from '../providers/provider.ts';
import type { ProofKeys } from '../transactions/proof-keys.ts';
import { type Failure, failureFrom } from './failure.ts';
import type { ProviderClient } from './provider-client.ts';

/** Who somebody is at a provider. The issuer and the subject are the identity, and nothing else is (A22). */
export type ExternalIdentity = {
  readonly issuer: string;
  readonly subject: string;
  readonly claims: Claims;
};

export type Answer = {
  /** The address that the browser came back to, as this site has it. */
  readonly url: URL;
  readonly state: string;
  readonly keys: ProofKeys;
  /** The person must have proven who they are no longer ago than this, in seconds; null where that does not matter. */
  readonly maximumAge: number | null;
};

/**
 * Turns the answer of a provider into who somebody is: `iss` and `state` of the answer, the code with its verifier, then
 * issuer, audience, nonce, times and signature of the token.
 */
export async function exchange(client: ProviderClient, answer: Answer): Promise<ExternalIdentity | Failure> {
  try {
    const configuration = await client.configuration();
    const { protocol } = client.provider;
    const { isAdmitted = () => true } = client.provider;
    const found =
      protocol.kind === 'oauth'
        ? await fromOAuth(configuration, protocol, answer)
        : await fromOpenIdConnect(configuration, answer, client.provider.isAdmitted !== undefined);
    if ('reason' in found || isAdmitted(found.claims)) return found;
    return { reason: 'not-admitted', code: null };
  } catch (error) {
    return failureFrom(error);
  }
}

/** @param needsAll whether more is asked of what the provider knows than who somebody is */
async function fromOpenIdConnect(
  configuration: Configuration,
  answer: Answer,
  needsAll: boolean,
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
  if (token === undefined) return { reason: 'invalid', code: 'no-id-token' };
  const ofToken = claimsSchema.parse(token);
  const { userinfo_endpoint: endpoint } = configuration.serverMetadata();
  const isWhole = (ofToken.email !== undefined && !needsAll) || endpoint === undefined;
  const claims = isWhole
    ? ofToken
    : claimsSchema.parse({
        ...token,
        ...(await fetchUserInfo(configuration, tokens.access_token, token.sub)),
      });
  return { issuer: token.iss, subject: ofToken.sub, claims };
}

async function fromOAuth(
  configuration: Configuration,
  protocol: OAuth,
  answer: Answer,
): Promise<ExternalIdentity> {
  const { url, state, keys } = answer;
  const tokens = await authorizationCodeGrant(configuration, url, {
    expectedState: state,
    pkceCodeVerifier: keys.codeVerifier,
  });
  const claims = claimsSchema.parse(await protocol.readClaims(asking(configuration, tokens.access_token)));
  return { issuer: configuration.serverMetadata().issuer, subject: claims.sub, claims };
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
