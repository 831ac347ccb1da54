import { counterKey, LANES } from '../../platform/rate-limit/counter-keys.ts';
import type { Counters } from '../../platform/rate-limit/counters/counters.ts';
import type { RequestContext } from '../../platform/web/context.ts';
import type { Devices } from './device-cookie.ts';
import { ownFailuresOf } from './surfaces.ts';

/**
 * Forgets the wrong proofs for an account whose owner has just got a new password by another way: those were for the old
 * one, and must not keep the owner out (A07). What is counted against addresses and the site stays.
 */
export type ForgiveFailures = (context: RequestContext, accountId: string, now: number) => Promise<void>;

export function createForgiveness(counters: Counters, devices: Devices): ForgiveFailures {
  return async (context, accountId, now) => {
    const device = await devices.known(context, accountId, now);
    const own = ownFailuresOf(device, context, accountId);
    await counters.clear(own.flatMap((counted) => LANES.map((lane) => counterKey(counted, lane))));
  };
}
