import { defineFlashes } from '../../platform/web/flash.ts';
import { defineWords } from '../../platform/words/words.ts';

const flashWords = defineWords({
  signInCancelled: 'You are not signed in.',
});

export const flashes = defineFlashes(flashWords, {
  signInCancelled: 'notice',
});
