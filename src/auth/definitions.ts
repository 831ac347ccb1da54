import { defineFlashes } from '../platform/web/flash.ts';
import { defineWords } from '../platform/words/words.ts';

const flashWords = defineWords({
  signedOut: 'You have been logged out.',
  signInExpired: 'That took too long, or something has changed meanwhile. Please sign in again.',
  sessionStolen:
    'A session of yours was ended because somebody used an old copy of its cookie. If you are not sure that it was you, change your password.',
  deletionCancelled: 'Welcome back. Your account will not be deleted.',
});

export const flashes = defineFlashes(flashWords, {
  signedOut: 'success',
  signInExpired: 'notice',
  sessionStolen: 'notice',
  deletionCancelled: 'success',
});
