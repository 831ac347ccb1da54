import { defineWords } from '../../platform/words/index.ts';

/** The words of the pages on which people sign in by a mail. */
export const magicLinkWords = {
  instead: 'Sign in with a mail instead',
  request: {
    title: 'Sign in with a mail',
    lead: 'Enter your username or email address, and we send a mail with a link and a code. One of them is enough.',
    missing: 'Enter your username or email address.',
    button: 'Send the mail',
    back: 'Sign in with your password',
  },
  sent: {
    title: 'Look into your mail',
    lead: 'If there is an account with that name and a confirmed address, a mail is on its way to it. Open its link in this browser, or type its code here. Both work for ten minutes.',
    codeVoid: 'Too many wrong codes. Have another mail sent.',
    button: 'Sign in',
    again: 'Have another mail sent',
  },
  open: {
    title: 'Sign in',
    lead: (username: string) => `You are about to sign in as ${username}.`,
    button: 'Sign in',
    notYours: 'You did not ask for this? Then close this page; nothing happens.',
  },
  elsewhere: {
    title: 'Open this link where you asked for it',
    text: 'You have asked for this mail in another browser. Open the link there, or type the code of the mail there: so nobody else can sign in with it.',
  },
  gone: {
    title: 'This link does not work',
    text: 'It may have been used already or have run out, or a newer mail was sent.',
    again: 'Have another mail sent',
  },
} as const;

export const emailWords = defineWords({
  magicLink: {
    subject: (site: string) => `Sign in to ${site}`,
    lead: (site: string) => `Somebody, most likely you, wants to sign in to your account at ${site}.`,
    action: 'Sign in',
    code: 'Or type this code in the browser that you began with:',
    advice:
      'If that was not you, ignore this mail, and tell nobody the code: whoever asks you for it wants to get into your account.',
  },
});
