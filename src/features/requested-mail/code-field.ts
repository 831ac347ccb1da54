import { field, type Html } from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { codeFieldWords } from './words.ts';

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
