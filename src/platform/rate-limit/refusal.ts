import { html } from 'hono/html';
import { SECOND } from '../runtime/index.ts';
import type { Html } from '../web/pages/layout.ts';
import { isBackoff } from './counters/rules.ts';
import type { TooMany } from './throttle.ts';

/**
 * When a client may try again.
 * @param now milliseconds of UTC
 * @see RFC 9110 §10.2.3; draft-ietf-httpapi-ratelimit-headers-10
 */
export function refusalHeaders(
  { limit: { name, rule }, retryAt }: TooMany,
  now: number,
): Readonly<Record<string, string>> {
  const wait = waitSeconds(retryAt, now);
  const [quota, window] = isBackoff(rule) ? [rule.free, rule.memory] : [rule.max, rule.window];
  return {
    'retry-after': String(wait),
    'ratelimit-policy': `"${name}";q=${quota};w=${window / SECOND}`,
    ratelimit: `"${name}";r=0;t=${wait}`,
  };
}

/** What a form carries so that the browser can solve the challenge; empty if only waiting helps. */
export async function offerChallenge({ challenge }: TooMany, now: number): Promise<Html> {
  return challenge === null ? html`` : challenge.offer(now);
}

/** Whole seconds until the next attempt, at least one. @param now milliseconds of UTC */
export function waitSeconds(retryAt: number, now: number): number {
  return Math.max(1, Math.ceil((retryAt - now) / SECOND));
}
