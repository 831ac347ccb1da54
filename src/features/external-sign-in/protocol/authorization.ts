import {
  buildAuthorizationUrl,
  buildAuthorizationUrlWithPAR,
  calculatePKCECodeChallenge,
} from 'openid-client';
import type { ProofKeys } from '../transactions/proof-keys.ts';
import { type Failure, failureFrom } from './failure.ts';
import type { ProviderClient } from './provider-client.ts';

export type AuthorizationRequest = {
  readonly state: string;
  readonly keys: ProofKeys;
  /** The one address that the provider sends people back to. */
  readonly redirectUri: URL;
  /** Whether the person has to prove anew who they are, however long they are signed in there. */
  readonly anew: boolean;
};

/** Where the browser goes to sign in at the provider. @see RFC 9700 §2.1 */
export async function authorizationUrl(
  { provider, configuration }: ProviderClient,
  { state, keys, redirectUri, anew }: AuthorizationRequest,
): Promise<URL | Failure> {
  try {
    const known = await configuration();
    const parameters = {
      ...provider.parameters,
      redirect_uri: redirectUri.href,
      scope: provider.scopes.join(' '),
      state,
      code_challenge: await calculatePKCECodeChallenge(keys.codeVerifier),
      code_challenge_method: 'S256',
      ...(provider.protocol.kind === 'openid-connect' && { nonce: keys.nonce }),
      ...(anew && { prompt: 'login', max_age: '0' }),
    };
    // Where a provider takes it from this site itself, nothing of it passes through the browser (RFC 9126).
    const canPush = known.serverMetadata().pushed_authorization_request_endpoint !== undefined;
    const url = canPush
      ? await buildAuthorizationUrlWithPAR(known, parameters)
      : buildAuthorizationUrl(known, parameters);
    // Where only https: is allowed this has been seen to already. Nothing else is a page to send a browser to.
    const isPage = url.protocol === 'https:' || url.protocol === 'http:';
    return isPage ? url : { reason: 'invalid', code: 'no-page-to-sign-in' };
  } catch (error) {
    return failureFrom(error);
  }
}
