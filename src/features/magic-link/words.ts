import { defineWords } from '../../platform/words/index.ts';

/** The link below other forms, and the page on which a user requests a mail. */
export const requestWords = defineWords({
  method: 'a mail',
  instead: 'Sign in with a mail instead',
  title: 'Sign in with a mail',
  lead: 'Enter your username or email address, and we send a mail with a link and a code. One of them is enough.',
  missing: 'Enter your username or email address.',
  button: 'Send the mail',
  back: 'Sign in with your password',
});

/** The page that takes the code of the mail. */
export const codeWords = defineWords({
  title: 'Look into your mail',
  lead: 'If there is an account with that name and a confirmed address, a mail is on its way to it. Open its link in this browser, or type its code here. Both work for ten minutes.',
  codeVoid: 'Too many wrong codes. Have another mail sent.',
  notRequested: 'This browser has requested no mail to sign in with. Request one.',
  button: 'Sign in',
  again: 'Have another mail sent',
});

/** The page behind the link. */
export const linkWords = defineWords({
  title: 'Sign in',
  lead: (username: string) => `You are about to sign in as ${username}.`,
  button: 'Sign in',
  notYours: 'You did not ask for this? Then close this page; nothing happens.',
  elsewhere: {
    title: 'Open this link where you asked for it',
    text: 'You have asked for this mail in another browser. Open the link there, or type the code of the mail there. In any other browser it signs no user in.',
  },
  invalid: {
    title: 'This link does not work',
    text: 'It may have been used already or have run out, or a newer mail was sent.',
  },
  again: 'Have another mail sent',
});

export const emailWords = defineWords({
  magicLink: {
    subject: (site: string) => `Sign in to ${site}`,
    lead: (site: string) => `We received a request to sign in to your account at ${site}.`,
    action: 'Sign in',
    code: 'Or type this code in the browser that you began with:',
    advice:
      'If you did not request it, ignore this mail. Never share the code: anyone who asks you for it wants to get into your account.',
  },
});

export const eventWords = defineWords({
  signInLinkRequested: 'A mail to sign in with was requested',
  signInLinkRefused: 'A mail to sign in with was requested, and none was sent',
});
