import { defineWords } from '../../platform/words/index.ts';

export const confirmWords = defineWords({
  title: 'Confirm that it is you',
  passwordLead: (username: string) =>
    `You are signed in as ${username}. What comes next is sensitive, so please enter your password again.`,
  bothLead: (username: string) =>
    `You are signed in as ${username}. What comes next is sensitive, so please enter your password and a code of your second factor.`,
  codeLead: (username: string) =>
    `You are signed in as ${username}. What comes next is sensitive, so please enter a code of your second factor.`,
  code: 'Code',
  codeHint: 'The six digits of your authenticator app, or a recovery code.',
  lead: (username: string) =>
    `You are signed in as ${username}. What comes next is sensitive, so please show once more that it is you.`,
  button: 'Confirm',
  refused: 'That password is not right.',
  sessionReplaced: 'This session was ended or confirmed by another request. Sign in again if it was ended.',
  stay: 'Back to the dashboard',
  mail: {
    lead: 'We can send a code to',
    send: 'Send the code',
    sentTo: 'We have sent a code to',
    again: 'Send another code',
    unavailable: 'This account does not confirm by mail.',
  },
  signInAgain:
    'You have no password, and the site that you sign in with does not ask again. Sign out and in again, then come back.',
  orSignInAgain: 'If that does not work, sign out at that site and here, sign in again, then come back.',
  signOut: 'Sign out',
});

export const emailWords = defineWords({
  identityCode: {
    subject: (site: string) => `Your code for ${site}`,
    lead: (site: string) => `A sensitive action in your account at ${site} needs this code.`,
    code: 'Type this code in the browser that you began with:',
    advice:
      'If that was not you, another person may be in your account: keep the code to yourself, sign in, and end every session.',
  },
});

export const eventWords = defineWords({
  identityConfirmed: 'Confirmed who it is',
});

export const flashWords = defineWords({
  identityCodeSent: 'A mail with a code is on its way.',
  exportConfirmed: 'Thank you. You can download your data now.',
});
