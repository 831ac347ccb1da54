import { messages } from '../../../auth/pages/messages.ts';
import type { FlashDefinition } from '../../../platform/web/flash.ts';
import { flashes } from '../definitions.ts';
import { hasOuterSpace, type PasswordRefusal } from './policy.ts';

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

/** What its user is told once a new password is set: nothing is taken away from it, and this is easily overlooked. */
export function noticesAbout(password: string): readonly FlashDefinition[] {
  return hasOuterSpace(password) ? [flashes.outerSpace] : [];
}
