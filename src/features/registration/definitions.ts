import { defineFlashes } from '../../platform/web/flash.ts';
import { defineWords } from '../../platform/words/words.ts';

const flashWords = defineWords({
  registered: 'Registration successful! You can sign in now.',
  registeredUnconfirmed:
    'Registration successful! We have sent you a mail. Please open its link to confirm your address, then sign in. Until then, your username signs you in, and your address does not.',
});

export const flashes = defineFlashes(flashWords, {
  registered: 'success',
  registeredUnconfirmed: 'notice',
});
