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

export const fieldReasons = { ...usernameReasons, ...emailReasons, ...newPasswordReasons('password') };

export type Registration = {
  readonly username: Username;
  readonly email: EmailAddress | null;
  /** Normalised and acceptable. */
  readonly password: string;
};

type Reading =
  | ({ readonly ok: true } & Registration)
  | { readonly ok: false; readonly problems: readonly Problem<keyof typeof fieldReasons>[] };

export type FieldRules = NameRules & { readonly passwords: Passwords; readonly needsEmail: boolean };

/** Reads all fields, so that everything that is wrong with them is reported at once. */
export async function readRegistration(
  typed: { readonly username: string; readonly email: string; readonly password: string },
  rules: FieldRules,
  invitation: Invitation | null,
): Promise<Reading> {
  const username = parseUsername(typed.username);
  const email = typed.email.trim() === '' ? null : parseEmailAddress(typed.email);
  const accepted = await rules.passwords.check(typed.password, [
    ...(username.ok ? [username.username] : []),
    ...(email?.ok ? [email.address] : []),
  ]);
  const wrongName = usernameProblem(username, rules, invitation);
  const wrongAddress = emailProblem(email, rules, invitation);
  const isRight = wrongName === null && wrongAddress === null;
  if (isRight && username.ok && email?.ok !== false && accepted.ok)
    return { ok: true, username, email, password: accepted.password };
  return {
    ok: false,
    problems: [
      ...(wrongName === null ? [] : [{ reason: `username-${wrongName}` as const }]),
      ...(wrongAddress === null ? [] : [{ reason: `email-${wrongAddress}` as const }]),
      ...(accepted.ok ? [] : [newPasswordProblem(accepted.reason)]),
    ],
  };
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
