import { defineWords } from '../../platform/words/index.ts';

/** The page on which the owner of an account reports an unrecognised sign-in. */
export const newDeviceWords = defineWords({
  title: 'Was that not you?',
  lead: (username: string) =>
    `We sent you a mail about a sign-in to the account of ${username} with another browser. If that was not you, another person knows your password.`,
  whatHappens:
    'Press the button, and you are signed out everywhere, your password stops working, and we send you a mail with which you can choose a new one.',
  button: 'That was not me',
  itWasYou: 'It was you after all? Then close this page; nothing happens.',
  invalid: {
    title: 'This link does not work',
    text: 'It may have been used already or have run out, or the account has another address now. If you did not change that address, the mail about it has a link that undoes it. Otherwise choose a new password.',
    reset: 'Choose a new password',
  },
});

export const emailWords = defineWords({
  signedInFromNewDevice: {
    subject: (site: string) => `New sign-in to your ${site} account`,
    lead: (site: string) =>
      `Your account at ${site} was signed in to with a browser, or from a network, that was not used there before.`,
    itWasYou: 'If that was you, there is nothing to do.',
    advice: (expires: string) =>
      `If it was not, another person knows your password. End every session and choose a new one; the page for it works until ${expires}.`,
    help: 'This was not me',
  },
});

export const eventWords = defineWords({
  signInReported: 'Reported a sign-in as not theirs: signed out everywhere, password disabled',
});

export const flashWords = defineWords({
  signInReported:
    'You are signed out everywhere, and your password no longer works. We have sent you a mail with which you can choose a new one.',
});
