import { defineFlashes } from '../../platform/web/flash.ts';
import { defineWords } from '../../platform/words/words.ts';

const flashWords = defineWords({
  passwordChanged: 'Your password was changed. Everywhere else you have been signed out.',
  passwordSet: 'You have a password now. Everywhere else you have been signed out.',
  outerSpace:
    'Your new password begins or ends with a space. That is part of it and has to be entered each time.',
});

export const flashes = defineFlashes(flashWords, {
  passwordChanged: 'success',
  passwordSet: 'success',
  outerSpace: 'notice',
});
