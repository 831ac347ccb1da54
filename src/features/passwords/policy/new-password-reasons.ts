import type { Problem } from '../../../auth/action.ts';
import type { Details } from '../../../platform/outcomes/index.ts';
import type { FlashDefinition } from '../../../platform/web/index.ts';
import type { Wording } from '../../../platform/words/index.ts';
import { flashes } from '../definitions.ts';
import { newPasswordWords } from '../words.ts';
import { hasOuterSpace, type PasswordRefusal } from './policy.ts';

/** The reasons for which a new password is refused, for an action with that field. */
export function newPasswordReasons<Field extends string>(field: Field) {
  const reason = (text: (words: Problems, details: Details) => string) => ({
    status: 422 as const,
    field,
    text: (words: Wording, details: Details) => text(words(newPasswordWords).problems, details),
  });
  return {
    'password-missing': reason(({ missing }) => missing),
    'password-too-short': reason(({ tooShort }, { minimum, given }) =>
      tooShort(Number(minimum), Number(given)),
    ),
    'password-too-long': reason(({ tooLong }) => tooLong),
    'password-ill-formed': reason(({ illFormed }) => illFormed),
    'password-common': reason(({ common }) => common),
    'password-repetitive': reason(({ repetitive }) => repetitive),
    'password-current': reason(({ current }) => current),
    'password-context': reason(({ context }, { word }) => context(String(word))),
  };
}

type Problems = (typeof newPasswordWords)['english']['problems'];
type NewPasswordReason = keyof ReturnType<typeof newPasswordReasons>;

/** Why a new password is refused, as a problem of an action. */
export function newPasswordProblem(refusal: PasswordRefusal): Problem<NewPasswordReason> {
  const reason = `password-${refusal.kind}` as const;
  switch (refusal.kind) {
    case 'too-short':
      return { reason, details: { minimum: refusal.minimumCodePoints, given: refusal.codePoints } };
    case 'context':
      return { reason, details: { word: refusal.word } };
    default:
      return { reason };
  }
}

/** Notices about a new password: it is kept as it was typed, which is easily overlooked. */
export function noticesAbout(password: string): readonly FlashDefinition[] {
  return hasOuterSpace(password) ? [flashes.outerSpace] : [];
}
