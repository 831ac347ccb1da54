import { defineWords } from '../platform/words/index.ts';

export const navigationWords = defineWords({
  yourAccount: 'Your account, signed in as',
  signOut: 'Sign out',
});

/** What a page says above a form that was drawn for another session. */
export const staleFormWords = defineWords({
  text: 'Nothing was sent: this form was out of date. You have signed in or out in another tab since it was opened, or your browser does not keep cookies. Check it, and send it again.',
});
