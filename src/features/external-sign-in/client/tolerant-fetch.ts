import { z } from 'zod';
import type { OutboundFetch } from '../../../platform/outbound/index.ts';
import { resultOrNull } from '../../../platform/runtime/index.ts';

const members = z.record(z.string(), z.unknown());
type Members = z.infer<typeof members>;

/**
 * Puts responses of providers that are a little off the standard into its form, before they are validated. It never adds
 * what proves something: an identity still needs a valid token.
 *
 * - A JSON object is JSON, whatever its content type, and a member that is null is missing.
 * - A token endpoint may answer with a form, as GitHub does without `Accept`, and with status 200 for an error.
 * - Optional members of a token response with a value of another type are as if they were missing; without `token_type`,
 *   the token is a bearer token (RFC 6749 §5.1 requires it, and servers forget it).
 * - An ID token is no part of plain OAuth 2, where nothing is known to validate it by.
 *
 * @see https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
 */
export function createTolerantFetch(fetch: OutboundFetch, { isPlainOAuth = false } = {}): OutboundFetch {
  return async (address, request) => {
    const response = await fetch(address, request);
    const isToken = isTokenRequest(request.body);
    if (response.body === null || (!isToken && response.status !== 200)) return response;
    const text = (await response.text()).replace(/^\uFEFF/, '');
    const found = objectIn(text) ?? (isToken ? formIn(text) : null);
    if (found === null) return responseOf(response, text);
    if (!isToken) return jsonOf(response, withoutNull(found), response.status);
    const { id_token, ...others } = found;
    const answer = isPlainOAuth ? others : { ...others, ...textOf('id_token', id_token) };
    return tokenResponse(response, answer);
  };
}

/** What is null is as if it were missing: servers write so what they do not have. */
function withoutNull(found: Members): Members {
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null));
}

function isTokenRequest(body: unknown): boolean {
  return body instanceof URLSearchParams && body.has('grant_type');
}

function objectIn(text: string): Members | null {
  if (!/^\s*\{/.test(text)) return null;
  const value = resultOrNull((): unknown => JSON.parse(text));
  return members.safeParse(value).data ?? null;
}

function formIn(text: string): Members | null {
  const fields = Object.fromEntries(new URLSearchParams(text.trim()));
  return 'access_token' in fields || 'error' in fields ? fields : null;
}

function tokenResponse(response: Response, found: Members): Response {
  const { access_token, error, token_type, expires_in, refresh_token, scope, ...others } = found;
  const refusal = typeof error === 'string' || typeof access_token !== 'string' ? errorIn(error) : null;
  if (refusal !== null) {
    const status = response.status >= 400 && response.status < 500 ? response.status : 400;
    return jsonOf(response, { ...others, ...refusal }, response.status >= 500 ? response.status : status);
  }
  const seconds = typeof expires_in === 'string' ? Number(expires_in.trim() || 'none') : expires_in;
  const scopes = Array.isArray(scope) ? scope.filter((name) => typeof name === 'string').join(' ') : scope;
  const answer = {
    ...others,
    access_token,
    token_type: isBearer(token_type) ? 'Bearer' : token_type,
    ...(typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 && { expires_in: seconds }),
    ...textOf('refresh_token', refresh_token),
    // An empty one means that none was granted.
    ...(typeof scopes === 'string' && { scope: scopes }),
  };
  return jsonOf(response, answer, response.status);
}

/** Whether a token type is that of bearer tokens, missing, or spelt as Apigee does (`BearerToken`). */
function isBearer(type: unknown): boolean {
  return typeof type !== 'string' || /^\s*(?:bearer(?:token)?\s*)?$/i.test(type);
}

/** The error of a token response; an object in Facebook's way. */
function errorIn(error: unknown): Members | null {
  if (typeof error === 'string' && error !== '') return { error };
  const details = members.safeParse(error).data;
  if (details === undefined) return null;
  const [code] = [details['type'], details['code'], 'error'].filter((one) => typeof one === 'string');
  return { error: code, ...textOf('error_description', details['message']) };
}

function textOf(name: string, value: unknown): Members {
  return typeof value === 'string' && value !== '' ? { [name]: value } : {};
}

function jsonOf(response: Response, body: Members, status: number): Response {
  const headers = new Headers(response.headers);
  headers.set('content-type', 'application/json');
  // The body says what is wrong, and the challenge would be read instead of it.
  if ('error' in body) headers.delete('www-authenticate');
  return new Response(JSON.stringify(body), { status, headers });
}

function responseOf({ status, headers }: Response, text: string): Response {
  return new Response(text, { status, headers });
}
