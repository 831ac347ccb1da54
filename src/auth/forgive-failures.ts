import { type Counters, clientNetwork, counterKeys, type KeyedLimit } from '../platform/rate-limit/index.ts';
import type { RequestContext } from '../platform/web/context.ts';
import type { Devices } from './devices.ts';
import { authLimits } from './limits.ts';

/**
 * Forgets the failures of an account whose owner has just got a new password by another means: they were for the old one
 * and must not lock out the owner (A07). What is counted against addresses and the site stays.
 */
export type ForgiveFailures = (context: RequestContext, accountId: string, now: number) => Promise<void>;

export function createForgiveness(counters: Counters, devices: Devices): ForgiveFailures {
  return async (context, accountId, now) => {
    const device = await devices.known(context, accountId, now);
    await counters.clear(counterKeys(failuresOf(device, context, accountId)));
  };
}

/** What was counted against one account alone, from this browser and from any other. */
function failuresOf(device: string | null, { address }: RequestContext, accountId: string) {
  const from = clientNetwork(address);
  const whom = `account ${accountId}`;
  const own: KeyedLimit[] = [{ limit: authLimits.account, key: whom }];
  if (from !== null) own.push({ limit: authLimits['account-and-address'], key: `${whom} ${from.address}` });
  if (device !== null) own.push({ limit: authLimits.device, key: device });
  return own;
}
