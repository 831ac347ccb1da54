import { field } from '../../platform/web/pages/form.ts';
import type { Html } from '../../platform/web/pages/layout.ts';
import { messages } from './messages.ts';

export type WhoField = {
  /** What was typed before. */
  readonly username: string;
  readonly problem: string | null;
  readonly isFocused: boolean;
};

/** The field in which somebody says who they are, by a username or an email address. */
export function whoField({ username, problem, isFocused }: WhoField): Html {
  return field({
    name: 'username',
    label: messages.fields.usernameOrEmail,
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

/** The field for the password that takes the place of another. */
export function newPasswordField({ label, problem, minimumCodePoints, isFocused }: NewPasswordField): Html {
  return field({
    name: NEW_PASSWORD,
    label,
    type: 'password',
    autocomplete: 'new-password',
    hint: messages.newPassword.hint(minimumCodePoints),
    problem,
    isFocused,
  });
}

/** The field for the code of a mail. */
export function codeField(problem: string | null): Html {
  return field({
    name: 'code',
    label: messages.emailConfirmation.code,
    type: 'text',
    autocomplete: 'one-time-code',
    hint: messages.emailConfirmation.codeHint,
    problem,
    isFocused: true,
  });
}
