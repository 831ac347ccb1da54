import type { Problem, Reason } from '../../auth/action.ts';
import {
  type EmailAddress,
  type EmailReading,
  type EmailRefusal,
  emailKey,
  parseEmailAddress,
  parseUsername,
  type Username,
  type UsernameReading,
  type UsernameRefusal,
} from '../../platform/text/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { newPasswordProblem, newPasswordReasons, type Passwords } from '../passwords/index.ts';
import type { Invitation } from './invitation.ts';
import type { NameRules } from './name-rules.ts';
import { emailFieldWords, usernameWords } from './words.ts';

export type UsernameProblem = UsernameRefusal | 'taken' | 'reserved';
export type EmailProblem = EmailRefusal | 'missing' | 'taken' | 'blocked' | 'not-invited';

function usernameReason(name: UsernameProblem) {
  const text = (words: Wording) => words(usernameWords)[name];
  return { status: 422, field: 'username', text } as const;
}

export const usernameReasons = {
  'username-missing': usernameReason('missing'),
  'username-too-short': usernameReason('too-short'),
  'username-too-long': usernameReason('too-long'),
  'username-at-sign': usernameReason('at-sign'),
  'username-unusable-character': usernameReason('unusable-character'),
  'username-mixed-scripts': usernameReason('mixed-scripts'),
  'username-lookalike': usernameReason('lookalike'),
  'username-taken': usernameReason('taken'),
  'username-reserved': usernameReason('reserved'),
} satisfies Readonly<Record<`username-${UsernameProblem}`, Reason<'username'>>>;

function emailReason(name: EmailProblem) {
  const text = (words: Wording) => words(emailFieldWords)[name];
  return { status: 422, field: 'email', text } as const;
}

export const emailReasons = {
  'email-missing': emailReason('missing'),
  'email-not-an-address': emailReason('not-an-address'),
  'email-too-long': emailReason('too-long'),
  'email-dots': emailReason('dots'),
  'email-quoted': emailReason('quoted'),
  'email-characters': emailReason('characters'),
  'email-domain': emailReason('domain'),
  'email-taken': emailReason('taken'),
  'email-blocked': emailReason('blocked'),
  'email-not-invited': emailReason('not-invited'),
} satisfies Readonly<Record<`email-${EmailProblem}`, Reason<'email'>>>;

export const nameReasons = { ...usernameReasons, ...emailReasons };
export const fieldReasons = { ...nameReasons, ...newPasswordReasons('password') };

type TypedNames = { readonly username: string; readonly email: string };
type Names = { readonly username: Username; readonly email: EmailAddress | null };

type Reading =
  /** The password is normalised and acceptable. */
  | ({ readonly ok: true; readonly password: string } & Names)
  | { readonly ok: false; readonly problems: readonly Problem<keyof typeof fieldReasons>[] };

/** The names of a new account, or what is wrong with them; and those that can be read, which no password may be. */
export type NamesReading = { readonly readable: readonly string[] } & (
  | ({ readonly ok: true } & Names)
  | { readonly ok: false; readonly problems: readonly Problem<keyof typeof nameReasons>[] }
);

/** Reads the names of a new account, so that everything that is wrong with them is reported at once. */
export function readNames(
  typed: TypedNames,
  rules: NameRules & { readonly needsEmail: boolean },
  invitation: Invitation | null,
): NamesReading {
  const username = parseUsername(typed.username);
  const email = typed.email.trim() === '' ? null : parseEmailAddress(typed.email);
  const readable = [...(username.ok ? [username.username] : []), ...(email?.ok ? [email.address] : [])];
  const wrongName = usernameProblem(username, rules, invitation);
  const wrongAddress = emailProblem(email, rules, invitation);
  if (wrongName === null && wrongAddress === null && username.ok && email?.ok !== false)
    return { ok: true, username, email, readable };
  return {
    ok: false,
    readable,
    problems: [
      ...(wrongName === null ? [] : [{ reason: `username-${wrongName}` as const }]),
      ...(wrongAddress === null ? [] : [{ reason: `email-${wrongAddress}` as const }]),
    ],
  };
}

/** The same with the password. */
export async function readRegistration(
  names: NamesReading,
  password: string,
  passwords: Passwords,
): Promise<Reading> {
  const accepted = await passwords.check(password, names.readable);
  if (names.ok && accepted.ok) return { ...names, password: accepted.password };
  const ofPassword = accepted.ok ? [] : [newPasswordProblem(accepted.reason)];
  return { ok: false, problems: [...(names.ok ? [] : names.problems), ...ofPassword] };
}

/** Why a new account cannot have a username; null where it can. */
export function usernameProblem(
  username: UsernameReading,
  { isReserved }: NameRules,
  invitation: Invitation | null,
): UsernameProblem | null {
  if (!username.ok) return username.reason;
  return isReserved(username) && invitation?.allowsReserved !== true ? 'reserved' : null;
}

/** The same of an address. The operator chose the address of an invitation, so that one is never blocked. */
export function emailProblem(
  email: EmailReading | null,
  { isBlocked, needsEmail }: NameRules & { readonly needsEmail: boolean },
  invitation: Invitation | null,
): EmailProblem | null {
  if (email === null && needsEmail) return 'missing';
  if (email !== null && !email.ok) return email.reason;
  const invited = invitation?.email ?? null;
  if (invited !== null) return email?.key === emailKey(invited) ? null : 'not-invited';
  return email !== null && isBlocked(email) ? 'blocked' : null;
}
