import { SECOND } from '../../../core/clock.ts';
import type { Core } from '../../../core/core.ts';
import type { RequestContext } from '../../../core/http/context.ts';
import { safeNextPath } from '../../../core/http/next-path.ts';
import { isToken, newToken, tokenDigest } from '../../../core/tokens.ts';
import { linkPurpose } from '../link-token.ts';

/** What somebody asked for, as their browser remembers it: all but the mark is what they have typed themselves. */
export type Asked = {
  /** What is kept of the browser's mark. */
  readonly browser: string;
  /** The name or address as it was typed. */
  readonly name: string;
  readonly isRemembered: boolean;
  readonly next: string | null;
};

/** Longer ones are not remembered, so that the cookie is not too long for a browser; in characters. */
const LONGEST_NEXT = 1_000;

/**
 * Marks this browser, which alone may use the mail. It gets the same cookie whether or not there is such an account (A03).
 */
export function rememberRequest(
  { cookies }: Core,
  context: RequestContext,
  asked: Omit<Asked, 'browser'>,
): Asked {
  const mark = newToken();
  const next = asked.next !== null && asked.next.length <= LONGEST_NEXT ? asked.next : null;
  const parts = [mark, asked.isRemembered ? '1' : '0', encoded(asked.name), encoded(next ?? '')];
  const seconds = linkPurpose.lifetime / SECOND;
  context.cookies.set('asked', cookies.set('asked', parts.join('.'), seconds));
  return { ...asked, next, browser: tokenDigest(mark) };
}

/** What was asked for in this browser, or null. */
export function requestOf({ cookies, settings }: Core, { request }: RequestContext): Asked | null {
  const [mark = '', remember, name = '', next = ''] = (cookies.read(request, 'asked') ?? '').split('.');
  if (!isToken(mark)) return null;
  return {
    browser: tokenDigest(mark),
    name: decoded(name),
    isRemembered: remember === '1',
    next: safeNextPath(decoded(next), settings.baseUrl.origin),
  };
}

export function forgetRequest({ cookies }: Core, context: RequestContext): void {
  context.cookies.set('asked', cookies.clear('asked'));
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64url').toString();
}
