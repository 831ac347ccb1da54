import { SECOND } from '../runtime/index.ts';
import type { Wording } from '../words/index.ts';
import { isBackoff } from './counters/rules.ts';
import type { OfferedChallenge } from './proof-of-work.ts';
import type { TooMany } from './throttle.ts';
import { throttleWords } from './words.ts';

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

/** What a user or an API client gets to know after too many attempts. */
export type TooManyNotice = {
  readonly title: string;
  readonly text: string;
  /** Null if only waiting helps. */
  readonly challenge: OfferedChallenge | null;
};

/** @param now milliseconds of UTC */
export async function tooManyNotice(
  words: Wording,
  { challenge, retryAt }: TooMany,
  now: number,
): Promise<TooManyNotice> {
  const { title, wait } = words(throttleWords);
  return {
    title,
    text: wait(waitSeconds(retryAt, now)),
    challenge: challenge === null ? null : await challenge.offer(now, words),
  };
}

/** Whole seconds until the next attempt, at least one. @param now milliseconds of UTC */
function waitSeconds(retryAt: number, now: number): number {
  return Math.max(1, Math.ceil((retryAt - now) / SECOND));
}
