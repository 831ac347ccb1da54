import { html } from 'hono/html';
import { messages } from '../../auth/pages/messages.ts';
import { SECOND } from '../runtime/clock.ts';
import type { Html } from '../web/pages/layout.ts';
import { isBackoff } from './counters/judge.ts';
import type { TooMany } from './throttle.ts';

/** What a form shows when there were too many attempts. */
export type TooManyNotice = {
  readonly text: string;
  /** Stands inside the form; empty where only waiting helps. */
  readonly challenge: Html;
};

/**
 * When to try again, for programs.
 * @param now milliseconds of UTC
 * @see RFC 9110 §10.2.3; draft-ietf-httpapi-ratelimit-headers-10
 */
export function tooManyHeaders({ policy, rule, retryAt }: TooMany, now: number) {
  const wait = waitSeconds(retryAt, now);
  const [quota, window] = isBackoff(rule) ? [rule.free, rule.memory] : [rule.most, rule.window];
  return {
    'retry-after': String(wait),
    'ratelimit-policy': `"${policy}";q=${quota};w=${window / SECOND}`,
    ratelimit: `"${policy}";r=0;t=${wait}`,
  };
}

/** When to try again, for people. @param now milliseconds of UTC */
export async function tooManyNotice({ retryAt, challenge }: TooMany, now: number): Promise<TooManyNotice> {
  return {
    text: messages.throttle.wait(waitSeconds(retryAt, now)),
    challenge: challenge === null ? html`` : await challenge.offer(now),
  };
}

function waitSeconds(retryAt: number, now: number): number {
  return Math.max(1, Math.ceil((retryAt - now) / SECOND));
}
