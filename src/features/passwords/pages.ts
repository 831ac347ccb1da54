import { html } from 'hono/html';
import { fieldWords } from '../../auth/words.ts';
import { field, type Html } from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { newPasswordWords } from './words.ts';

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

/** The field for the password of an account. */
export function passwordField(words: Wording, problem: string | null, isFocused = true): Html {
  return field(words, {
    name: 'password',
    label: words(fieldWords).password,
    type: 'password',
    autocomplete: 'current-password',
    problem,
    isFocused,
  });
}

/**
 * The name of the signed-in user, for password managers alone, which need it to know whose password a form is about (the
 * Chromium project's “password form styles that Chromium understands”).
 */
export function knownUsername(username: string): Html {
  return html`<input name="username" type="text" autocomplete="username" value="${username}" readonly hidden>`;
}
