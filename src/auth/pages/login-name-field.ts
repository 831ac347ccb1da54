import { field, type Html } from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { fieldWords } from './field-words.ts';

export type LoginNameField = {
  /** What was typed before. */
  readonly username: string;
  readonly problem: string | null;
  readonly isFocused: boolean;
};

/** The field for a username or an email address. */
export function loginNameField(words: Wording, { username, problem, isFocused }: LoginNameField): Html {
  return field(words, {
    name: 'username',
    label: words(fieldWords).usernameOrEmail,
    type: 'text',
    autocomplete: 'username',
    value: username,
    problem,
    isFocused,
  });
}
