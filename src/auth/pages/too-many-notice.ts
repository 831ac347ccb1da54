import { offerChallenge, type TooMany, waitSeconds } from '../../platform/rate-limit/index.ts';
import type { Html } from '../../platform/web/pages/layout.ts';
import { messages } from './messages.ts';

/** What a form shows after too many attempts. */
export type TooManyNotice = {
  readonly text: string;
  /** Part of the form; empty if only waiting helps. */
  readonly challenge: Html;
};

/** When to try again. @param now milliseconds of UTC */
export async function tooManyNotice(refusal: TooMany, now: number): Promise<TooManyNotice> {
  return {
    text: messages.throttle.wait(waitSeconds(refusal.retryAt, now)),
    challenge: await offerChallenge(refusal, now),
  };
}
