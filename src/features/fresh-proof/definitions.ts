import { defineFlashes } from '../../platform/web/flash.ts';
import { defineWords } from '../../platform/words/words.ts';

const flashWords = defineWords({
  identityCodeSent: 'A mail with a code is on its way.',
  exportConfirmed: 'Thank you. You can download your data now.',
});

export const flashes = defineFlashes(flashWords, {
  identityCodeSent: 'success',
  exportConfirmed: 'success',
});
