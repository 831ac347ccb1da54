import {
  parseUsername,
  type Username,
  type UsernameReading,
  type UsernameRefusal,
} from '../../auth/identifiers/username.ts';
import {
  type EmailAddress,
  type EmailReading,
  type EmailRefusal,
  emailKey,
  parseEmailAddress,
} from '../../platform/text/index.ts';
import type { Form } from '../../platform/web/form.ts';
import type { PasswordRefusal, Passwords } from '../passwords/index.ts';
import type { Invitation } from './invitation.ts';
import type { NameRules } from './name-rules.ts';

export type UsernameProblem = UsernameRefusal | 'taken' | 'reserved';
export type EmailProblem = EmailRefusal | 'missing' | 'taken' | 'blocked' | 'not-invited';

/** What is wrong with each field; a field that is right is not there. */
export type RegistrationProblems = {
  readonly username?: UsernameProblem;
  readonly email?: EmailProblem;
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

/** The same where they come with a password. */
export type FieldRules = NameRules & {
  readonly passwords: Passwords;
};

/** The same for one form: whether it has to bring an address. */
export type FormRules = FieldRules & { readonly needsEmail: boolean };

export function typedFields(form: Form, asksForEmail: boolean): Typed {
  return { username: form.text('username'), email: asksForEmail ? form.text('email') : '' };
}

/** Reads all the fields, so that everything wrong with them is said at once. */
export async function readRegistration(
  typed: Typed,
  password: string,
  rules: FormRules,
  invitation: Invitation | null,
): Promise<Reading> {
  const username = parseUsername(typed.username);
  const email = typed.email.trim() === '' ? null : parseEmailAddress(typed.email);
  const judgement = await rules.passwords.judge(password, [
    ...(username.valid ? [username.username] : []),
    ...(email?.valid ? [email.address] : []),
  ]);
  const problems = {
    username: usernameProblem(username, rules, invitation),
    email: emailProblem(email, rules, invitation),
  };
  const isRight = problems.username === null && problems.email === null;
  if (isRight && username.valid && email?.valid !== false && judgement.acceptable)
    return { valid: true, registration: { username, email, password: judgement.password } };
  return {
    valid: false,
    problems: {
      ...(problems.username !== null && { username: problems.username }),
      ...(problems.email !== null && { email: problems.email }),
      ...(!judgement.acceptable && { password: judgement.reason }),
    },
  };
}

/** What keeps a username from being a new account’s; null where nothing does. */
export function usernameProblem(
  username: UsernameReading,
  { isReserved }: NameRules,
  invitation: Invitation | null,
): UsernameProblem | null {
  if (!username.valid) return username.reason;
  return isReserved(username) && invitation?.allowsReserved !== true ? 'reserved' : null;
}

/**
 * The same of an address. Whoever runs the site has chosen an address that they invite, so that one is not blocked.
 */
export function emailProblem(
  email: EmailReading | null,
  { isBlocked, needsEmail }: NameRules & { readonly needsEmail: boolean },
  invitation: Invitation | null,
): EmailProblem | null {
  if (email === null && needsEmail) return 'missing';
  if (email !== null && !email.valid) return email.reason;
  const invited = invitation?.email ?? null;
  if (invited !== null) return email?.key === emailKey(invited) ? null : 'not-invited';
  return email !== null && isBlocked(email) ? 'blocked' : null;
}
