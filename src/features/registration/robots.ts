import { DAY, Overloaded, type Pause } from '../../platform/runtime/index.ts';
import { type Form, type FormTimes, isTrapFilled } from '../../platform/web/index.ts';

/** The field with the moment at which the form was drawn. */
export const OPENED_FIELD = 'opened';

/** An older form is drawn again, so that one form is not valid forever. */
const LONGEST_OPEN = DAY;

/** How many forms may wait at once; each keeps a connection. */
const MOST_WAITING = 200;

/** Whether a form was filled in by a user or by a robot. */
export type Impression = 'user' | 'trap-filled' | 'form-too-old';

/**
 * Checks how a form was filled in. One that comes too soon is not refused: a password manager fills in everything at
 * once, and after a refusal its user would have to type the password again. It waits for the rest of the time instead,
 * which costs a user a moment, and a robot that moment for each account. An API client without a stamp waits as well.
 * @param minimumTime how long filling in the form takes at least, in milliseconds; 0 turns the wait off
 */
export function createRobotCheck(
  { formTimes, pause }: { readonly formTimes: FormTimes; readonly pause: Pause },
  minimumTime: number,
): (form: Form) => Promise<Impression> {
  let waiting = 0;
  return async (form) => {
    if (isTrapFilled(form)) return 'trap-filled';
    if (minimumTime === 0) return 'user';
    // A form without a valid stamp was never drawn, or only just now.
    const age = formTimes.age(form.text(OPENED_FIELD)) ?? 0;
    if (age > LONGEST_OPEN) return 'form-too-old';
    if (age >= minimumTime) return 'user';
    if (waiting >= MOST_WAITING) throw new Overloaded();
    waiting += 1;
    try {
      await pause(minimumTime - age);
    } finally {
      waiting -= 1;
    }
    return 'user';
  };
}
