import { DAY, Overloaded, type Pause } from '../../platform/runtime/index.ts';
import type { Form } from '../../platform/web/form.ts';
import type { FormTimes } from '../../platform/web/form-times.ts';
import { isTrapFilled } from '../../platform/web/trap.ts';

/** The field with the moment at which the form was drawn. */
export const OPENED_FIELD = 'opened';

/** A form that is older is asked for again, so that whoever sends forms by the thousand has to fetch them, too. */
const LONGEST_OPEN = DAY;

/** How many forms may wait at once; each keeps a connection. */
const MOST_WAITING = 200;

/** What a form tells about who filled it in. */
export type Impression = 'person' | 'trap-filled' | 'form-too-old';

/**
 * Looks at how a form was filled in. One that comes too soon is not refused: a password manager fills it at once, and
 * whoever presses the button then is a person, who would have to type the password again. It waits for what is left of
 * the time instead, which costs a person a moment, and a robot that moment for each account.
 * @param minimumTime how long filling the form in takes at the least, in milliseconds; 0 asks for none
 */
export function createRobotCheck(
  { formTimes, pause }: { readonly formTimes: FormTimes; readonly pause: Pause },
  minimumTime: number,
): (form: Form) => Promise<Impression> {
  let waiting = 0;
  return async (form) => {
    if (isTrapFilled(form)) return 'trap-filled';
    if (minimumTime === 0) return 'person';
    // Who leaves the stamp out has fetched no form, or only now.
    const age = formTimes.age(form.text(OPENED_FIELD)) ?? 0;
    if (age > LONGEST_OPEN) return 'form-too-old';
    if (age >= minimumTime) return 'person';
    if (waiting >= MOST_WAITING) throw new Overloaded();
    waiting += 1;
    try {
      await pause(minimumTime - age);
    } finally {
      waiting -= 1;
    }
    return 'person';
  };
}
