import type { Core } from '../../../auth/core.ts';
import { isToken, newToken, tokenDigest } from '../../../platform/crypto/index.ts';
import { SECOND } from '../../../platform/runtime/index.ts';
import type { RequestContext } from '../../../platform/web/context.ts';
import { flowOf } from '../../../platform/web/flows.ts';
import { safeNextPath } from '../../../platform/web/next-path.ts';
import { tokens } from '../definitions.ts';

/** What somebody asked for, as their browser remembers it: all but the mark is what they have typed themselves. */
export type Asked = {
  /** The handle that the form carries. */
  readonly flow: string;
  /** What is kept of the browser's mark. */
  readonly browser: string;
  /** The name or address as it was typed. */
  readonly name: string;
  readonly isRemembered: boolean;
  readonly next: string | null;
};

/** Longer ones are not remembered, so that the cookie is not too long for a browser; in bytes of UTF-8. */
const LONGEST_NEXT = 300;

/** No name and no address is longer (RFC 5321 §4.5.3.1.3); in bytes of UTF-8. */
const LONGEST_NAME = 254;

/**
 * Marks this browser, which alone may use the mail. It gets the same cookie whether or not there is such an account (A03).
 */
export function rememberRequest(
  { flows }: Core,
  context: RequestContext,
  asked: Omit<Asked, 'flow' | 'browser'>,
): Asked {
  const mark = newToken();
  const next = asked.next !== null && Buffer.byteLength(asked.next) <= LONGEST_NEXT ? asked.next : null;
  const parts = [
    mark,
    asked.isRemembered ? '1' : '0',
    encoded(asked.name, LONGEST_NAME),
    encoded(next ?? ''),
  ];
  const flow = flowOf(mark);
  const lifetimeSeconds = tokens['magic-link'].lifetime / SECOND;
  flows.keep(context, { kind: 'asked', handle: flow, value: parts.join('.'), lifetimeSeconds });
  return { ...asked, next, flow, browser: tokenDigest(mark) };
}

/** What was asked for in this browser, by its handle, or null. */
export function requestOf({ flows, settings }: Core, context: RequestContext, flow: string): Asked | null {
  const value = flows.read(context, 'asked', flow) ?? '';
  const [mark = '', remember, name = '', next = ''] = value.split('.');
  if (!isToken(mark) || flowOf(mark) !== flow) return null;
  return {
    flow,
    browser: tokenDigest(mark),
    name: decoded(name),
    isRemembered: remember === '1',
    next: safeNextPath(decoded(next), settings.baseUrl.origin),
  };
}

export function forgetRequest({ flows }: Core, context: RequestContext, { flow }: Asked): void {
  flows.forget(context, 'asked', flow);
}

function encoded(text: string, mostBytes?: number): string {
  return Buffer.from(text).subarray(0, mostBytes).toString('base64url');
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64url').toString();
}
