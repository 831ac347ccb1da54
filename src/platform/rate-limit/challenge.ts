import type { Form } from '../web/form.ts';
import type { Html } from '../web/pages/layout.ts';

/**
 * Something that costs a visitor's browser more than an attempt costs us, asked for when there were too many attempts.
 * Where it cannot be met, as without scripts, the visitor waits instead. Whoever runs the site may put another in its
 * place; it must be possible to meet it with a keyboard and with a screen reader.
 */
export type Challenge = {
  /** What a form carries so that the browser can meet it. @param now milliseconds of UTC */
  readonly offer: (now: number) => Promise<Html>;
  /** Whether a form meets one that was offered, is not too old and was not met before. */
  readonly isMet: (form: Form, now: number) => Promise<boolean>;
};
