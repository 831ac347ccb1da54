import type { Core } from '../../core/core.ts';
import type { Form } from '../../core/http/form.ts';
import {
  type EmailAddress,
  type EmailRefusal,
  parseEmailAddress,
} from '../../core/identifiers/email-address.ts';
import { parseUsername, type Username, type UsernameRefusal } from '../../core/identifiers/username.ts';
import type { PasswordRefusal, Passwords } from '../passwords/index.ts';

/** What is wrong with each field; a field that is right is not there. */
export type RegistrationProblems = {
  readonly username?: UsernameRefusal | 'taken';
  readonly email?: EmailRefusal | 'taken';
  readonly password?: PasswordRefusal;
};

/** What somebody typed. The password is never shown again. */
export type Typed = { readonly username: string; readonly email: string };

export type Registration = {
  readonly username: Username;
  readonly email: EmailAddress | null;
  /** Normalised and acceptable. */
  readonly password: string;
};

export type Reading =
  | { readonly valid: true; readonly registration: Registration }
  | { readonly valid: false; readonly problems: RegistrationProblems };

export function typedFields(form: Form, settings: Core['settings']): Typed {
  return { username: form.text('username'), email: settings.email === 'off' ? '' : form.text('email') };
}

/** Reads all the fields, so that everything wrong with them is said at once. */
export async function readRegistration(
  typed: Typed,
  password: string,
  passwords: Passwords,
): Promise<Reading> {
  const username = parseUsername(typed.username);
  const email = typed.email.trim() === '' ? null : parseEmailAddress(typed.email);
  const judgement = await passwords.judge(password, [
    ...(username.valid ? [username.username] : []),
    ...(email?.valid ? [email.address] : []),
  ]);
  if (username.valid && (email === null || email.valid) && judgement.acceptable) {
    return { valid: true, registration: { username, email, password: judgement.password } };
  }
  return {
    valid: false,
    problems: {
      ...(!username.valid && { username: username.reason }),
      ...(email !== null && !email.valid && { email: email.reason }),
      ...(!judgement.acceptable && { password: judgement.reason }),
    },
  };
}
