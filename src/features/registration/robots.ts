import { DAY, Overloaded, type Pause } from '../../platform/runtime/index.ts';
import { type Form, type FormTimes, isTrapFilled } from '../../platform/web/index.ts';

/** The field with the moment at which the form was drawn. */
export const OPENED_FIELD = 'opened';

/** An older form is drawn again, so that one form is not valid forever. */
const LONGEST_OPEN = DAY;

/** How many forms may wait at once, in all and of one client; each keeps a connection. */
const MOST_WAITING = 200;
const MOST_WAITING_OF_CLIENT = 20;

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
) {
  const waiting: (string | null)[] = [];
  // A form without a valid stamp was never drawn, or only just now.
  const ageOf = (form: Form) => formTimes.age(form.text(OPENED_FIELD)) ?? 0;
  return {
    impressionOf: (form: Form): Impression => {
      if (isTrapFilled(form)) return 'trap-filled';
      return minimumTime > 0 && ageOf(form) > LONGEST_OPEN ? 'form-too-old' : 'user';
    },
    /**
     * Waits for the rest of the minimum time; for a form whose fields are valid, so that an invalid one takes no slot.
     * @param client its address; null where it is unknown
     * @throws {Overloaded} when too many wait, of this client or in all
     */
    waitForRest: async (form: Form, client: string | null): Promise<void> => {
      const rest = minimumTime - ageOf(form);
      if (rest <= 0) return;
      const ofClient = waiting.filter((one) => one === client).length;
      const isTooMany =
        waiting.length >= MOST_WAITING || (client !== null && ofClient >= MOST_WAITING_OF_CLIENT);
      if (isTooMany) throw new Overloaded();
      waiting.push(client);
      try {
        await pause(rest);
      } finally {
        waiting.splice(waiting.indexOf(client), 1);
      }
    },
  };
}
