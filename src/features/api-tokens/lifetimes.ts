import { DAY } from '../../platform/runtime/index.ts';
import { duration } from '../../platform/settings/index.ts';

const OFFERED_DAYS = [7, 30, 90, 180, 365];

/** Which is chosen at first, if it is offered. */
export const USUAL_DAYS = 30;

/** The lifetimes that the form offers, in days: some usual ones, and the longest. */
export function offeredDays(longest: number): readonly number[] {
  const most = Math.floor(longest / DAY);
  return [...new Set([...OFFERED_DAYS.filter((days) => days < most), most])];
}

const lifetime = duration({ minimum: '1m', maximum: '365d' });

/** A lifetime such as `30d`, in milliseconds; null for one that is too long or none. */
export function parseLifetime(text: string, longest: number): number | null {
  const parsed = lifetime.safeParse(text);
  return parsed.success && parsed.data <= longest ? parsed.data : null;
}
