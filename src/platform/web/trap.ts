import type { Form } from './form.ts';

/**
 * A field that users neither see nor hear. Browsers and password managers are asked to leave it empty, and some fill it
 * in all the same: so a form with it filled comes back without it, and says why.
 */
export const TRAP_FIELD = 'comment';

/** Whether a form was filled in by a program that fills in every field. */
export function isTrapFilled(form: Form): boolean {
  return form.text(TRAP_FIELD) !== '';
}

/** Whether a form is drawn with the trap again: not for a user whose browser fills it in. */
export function keepsTrap(form: Form): boolean {
  return form.has(TRAP_FIELD) && !isTrapFilled(form);
}
