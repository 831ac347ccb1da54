import { randomBytes } from 'node:crypto';
import type { Configuration } from 'openid-client';
import { authorizationParameters } from '../client/authorization-code.ts';
import { failureFrom } from '../client/failure.ts';
import type { Provider } from '../providers/provider.ts';
import { type Exchange, type Exchanges, errorOf, providerError } from './exchanges.ts';

/** What a provider says of the redirect URI. */
export type Redirect =
  /** It redirects there, or has taken it: it would do neither with an address that is not registered. */
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly said: string }
  /** It redirects there with an error that every sign-in would get. */
  | { readonly kind: 'failing'; readonly error: string; readonly said: string }
  /** It answers with a page, as it does for a user. */
  | { readonly kind: 'unknown' };

/** What every user would get (RFC 6749 §4.1.2.1). */
const FOR_ALL = ['unauthorized_client', 'invalid_scope', 'unsupported_response_type'];

/**
 * Sends the authorization request of a sign-in without a user: pushed, where the provider takes that (RFC 9126), else with
 * `prompt=none`. A provider must not redirect to an address that is not registered (RFC 6749 §4.1.2.4).
 */
export async function tryRedirect(
  provider: Provider,
  configuration: Configuration,
  callback: URL,
  exchanges: Exchanges,
): Promise<Redirect> {
  const openid = await import('openid-client');
  const parameters = await authorizationParameters(provider, {
    state: randomText(16),
    keys: { nonce: randomText(16), codeVerifier: randomText(32) },
    redirectUri: callback,
  });
  const { pushed_authorization_request_endpoint: pushed, authorization_endpoint: page } =
    configuration.serverMetadata();
  if (pushed !== undefined) return push(configuration, parameters, exchanges);
  if (page === undefined) return { kind: 'unknown' };
  // The response is read from the address of a redirect.
  const { response_mode: _, ...others } = { response_mode: '', ...parameters };
  const url = openid.buildAuthorizationUrl(configuration, { ...others, prompt: 'none' });
  const answer = await exchanges.get(url.href);
  return 'reason' in answer ? { kind: 'unknown' } : readAnswer(answer, callback);
}

function randomText(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}

async function push(
  configuration: Configuration,
  parameters: Readonly<Record<string, string>>,
  { last }: Exchanges,
): Promise<Redirect> {
  const { buildAuthorizationUrlWithPAR } = await import('openid-client');
  const before = last();
  try {
    await buildAuthorizationUrlWithPAR(configuration, { ...parameters });
    return { kind: 'accepted' };
  } catch (error) {
    await failureFrom(error);
    const answer = last();
    const refusal = answer === null || answer === before ? null : errorOf(answer);
    if (refusal === null) return { kind: 'unknown' };
    const { error: code, said } = refusal;
    if (FOR_ALL.includes(code)) return { kind: 'failing', error: code, said };
    return OF_REDIRECT.test(`${code} ${said}`)
      ? { kind: 'refused', said: said === '' ? code : said }
      : { kind: 'unknown' };
  }
}

const OF_REDIRECT = /redirect[ _-]?ur[il]|callback[ _-]?url|AADSTS50011\b/i;

function readAnswer({ status, headers, text }: Exchange, callback: URL): Redirect {
  const location = URL.parse(headers.get('location') ?? '');
  if (status >= 300 && status < 400 && location !== null) {
    if (location.origin + location.pathname !== callback.origin + callback.pathname)
      return mentionsMismatch(location)
        ? { kind: 'refused', said: 'redirect_uri_mismatch' }
        : { kind: 'unknown' };
    const refusal = providerError(
      location.searchParams.get('error') ?? '',
      location.searchParams.get('error_description'),
    );
    return FOR_ALL.includes(refusal.error) ? { kind: 'failing', ...refusal } : { kind: 'accepted' };
  }
  const found = (status >= 400 && status < 500 ? OF_REDIRECT : /AADSTS50011\b/i).exec(text)?.[0];
  return found === undefined ? { kind: 'unknown' } : { kind: 'refused', said: found };
}

/** Google leads to a page of its own, and encodes the error in the address. */
function mentionsMismatch({ searchParams }: URL): boolean {
  const texts = [...searchParams.values()].flatMap((value) => [
    value,
    Buffer.from(value, 'base64').toString(),
  ]);
  return texts.some((text) => text.includes('redirect_uri_mismatch'));
}
