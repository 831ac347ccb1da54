import { messages } from '../../../core/pages/messages.ts';
import type { PasswordRefusal } from './policy.ts';

/** Why a new password is refused, in words for whoever chose it. */
export function refusalInWords(refusal: PasswordRefusal): string {
  const words = messages.newPassword.problems;
  switch (refusal.kind) {
    case 'too-short':
      return words.tooShort(refusal.minimumCodePoints, refusal.codePoints);
    case 'context':
      return words.context(refusal.word);
    case 'too-long':
      return words.tooLong;
    case 'ill-formed':
      return words.illFormed;
    default:
      return words[refusal.kind];
  }
}
