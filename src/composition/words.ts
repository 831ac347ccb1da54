import { defineWords } from '../platform/words/index.ts';

export const navigationWords = defineWords({
  yourAccount: 'Your account, signed in as',
  signOut: 'Sign out',
});
