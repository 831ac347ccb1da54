import { field, type Html } from '../../platform/web/index.ts';
import { defineWords, type Wording } from '../../platform/words/index.ts';

/** The field for the code of a mail. */
export const codeFieldWords = defineWords({
  label: 'Code from the mail',
  hint: 'Eight digits.',
  missing: 'Enter the code from the mail.',
  refused: 'That code is not right, or it has run out.',
  notArrived:
    'Nothing has arrived? Look into the folder for spam, too. Only a few such mails a day go to one mailbox.',
});

/** The field for the code of a mail. */
export function codeField(words: Wording, problem: string | null): Html {
  const text = words(codeFieldWords);
  return field(words, {
    name: 'code',
    label: text.label,
    type: 'text',
    autocomplete: 'one-time-code',
    hint: text.hint,
    problem,
    isFocused: true,
  });
}
