import { defineFlashes } from '../../platform/web/flash.ts';
import { defineWords } from '../../platform/words/words.ts';

const flashWords = defineWords({
  sessionEnded: 'That browser is signed out now.',
  sessionGone: 'That browser was signed out already.',
  otherSessionsEnded: (count: number) =>
    count === 0
      ? 'You were signed in nowhere else.'
      : `You are signed out in ${count} other ${count === 1 ? 'place' : 'places'} now.`,
});

export const flashes = defineFlashes(flashWords, {
  sessionEnded: 'success',
  sessionGone: 'notice',
  otherSessionsEnded: 'success',
});
