import type { Core } from '../../auth/core.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { isToken, newToken, tokenDigest } from '../../platform/crypto/index.ts';
import { SECOND } from '../../platform/runtime/index.ts';
import { flowOf } from '../../platform/web/index.ts';
import { cookies, tokens } from './definitions.ts';

/** A requested sign-in by mail, as its browser stores it: all but the token is what the user has typed. */
export type SignInRequest = {
  /** The handle that the form carries. */
  readonly flow: string;
  /** The digest of the browser's token. */
  readonly browser: string;
  /** The name or address as it was typed. */
  readonly name: string;
  readonly isRemembered: boolean;
  readonly next: string | null;
};

/** The maximum size of a path in the cookie, in bytes of UTF-8; a longer one is left out. */
const MAX_NEXT_BYTES = 300;

/** The maximum size of names and addresses (RFC 5321 §4.5.3.1.3), in bytes of UTF-8. */
const MAX_NAME_BYTES = 254;

/**
 * Gives this browser a token of its own, without which the mail is of no use. The cookie is the same whether or not the
 * account exists (A03).
 */
export function storeRequest(
  { flows }: Core,
  context: RequestContext,
  typed: Omit<SignInRequest, 'flow' | 'browser'>,
): SignInRequest {
  const browserToken = newToken();
  const next = typed.next !== null && Buffer.byteLength(typed.next) <= MAX_NEXT_BYTES ? typed.next : null;
  const parts = [
    browserToken,
    typed.isRemembered ? '1' : '0',
    encoded(typed.name, MAX_NAME_BYTES),
    encoded(next ?? ''),
  ];
  const flow = flowOf(browserToken);
  const lifetimeSeconds = tokens['magic-link'].lifetime / SECOND;
  flows.keep(context, { kind: cookies.asked, handle: flow, value: parts.join('.'), lifetimeSeconds });
  return { ...typed, next, flow, browser: tokenDigest(browserToken) };
}

/** The request of this browser with a handle, or null. */
export function requestOf(
  { flows, locations }: Core,
  context: RequestContext,
  flow: string,
): SignInRequest | null {
  const value = flows.read(context, cookies.asked, flow) ?? '';
  const [browserToken = '', remember, name = '', next = ''] = value.split('.');
  if (!isToken(browserToken) || flowOf(browserToken) !== flow) return null;
  return {
    flow,
    browser: tokenDigest(browserToken),
    name: decoded(name),
    isRemembered: remember === '1',
    next: locations.readNext(decoded(next)),
  };
}

export function forgetRequest({ flows }: Core, context: RequestContext, { flow }: SignInRequest): void {
  flows.forget(context, cookies.asked, flow);
}

function encoded(text: string, maxBytes?: number): string {
  return Buffer.from(text).subarray(0, maxBytes).toString('base64url');
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64url').toString();
}
