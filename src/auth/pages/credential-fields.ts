import { html } from 'hono/html';
import { field, type Html } from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { codeFieldWords, fieldWords, newPasswordWords } from './field-words.ts';

export type WhoField = {
  /** What was typed before. */
  readonly username: string;
  readonly problem: string | null;
  readonly isFocused: boolean;
};

/** The field for a username or an email address. */
export function whoField(words: Wording, { username, problem, isFocused }: WhoField): Html {
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

export const NEW_PASSWORD = 'new-password';

export type NewPasswordField = {
  readonly label: string;
  /** What is wrong with it, in words. */
  readonly problem: string | null;
  readonly minimumCodePoints: number;
  readonly isFocused: boolean;
};

/** The field for a new password. */
export function newPasswordField(
  words: Wording,
  { label, problem, minimumCodePoints, isFocused }: NewPasswordField,
): Html {
  return field(words, {
    name: NEW_PASSWORD,
    label,
    type: 'password',
    autocomplete: 'new-password',
    hint: words(newPasswordWords).hint(minimumCodePoints),
    problem,
    isFocused,
  });
}

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

/**
 * The name of the signed-in user, for password managers alone, which need it to know whose password a form is about (the
 * Chromium project's “password form styles that Chromium understands”).
 */
export function knownUsername(username: string): Html {
  return html`<input name="username" type="text" autocomplete="username" value="${username}" readonly hidden>`;
}
