import type { Reason, Refused } from '../action.ts';
import { stepWords } from '../words.ts';

/** Why the action of a required step does nothing: no sign-in of this browser waits for that step. */
export const stepReasons = {
  'no-pending-sign-in': { status: 409, text: (wording) => wording(stepWords).notPending },
} satisfies Readonly<Record<string, Reason<never>>>;

/** @param next where the browser goes: the step that comes first, or the login page */
export function refuseStep(next: string): Refused<keyof typeof stepReasons> {
  return { ok: false, problems: [{ reason: 'no-pending-sign-in' }], instead: { next } };
}
