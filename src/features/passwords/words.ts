import { defineWords } from '../../platform/words/index.ts';

export const emailWords = defineWords({
  passwordChanged: {
    subject: (site: string) => `Your ${site} password was changed`,
    lead: (site: string) =>
      `The password of your account at ${site} was changed, and every other session was ended.`,
    disconnected: (labels: string) =>
      `Sign-in with ${labels} was disconnected. You can connect it again on your account page.`,
    otherWays: (labels: string) =>
      `You can still sign in with ${labels}. If you do not recognise that, disconnect it on your account page.`,
    advice: 'If that was not you, another person may be in your account. Act now:',
    help: 'Get your account back',
  },
});

/** The field for a new password, and why one is refused. */
export const newPasswordWords = defineWords({
  label: 'New password',
  hint: (minimum: number) =>
    `At least ${minimum} characters. A few words in a row are strong and easy to remember. Spaces are welcome.`,
  problems: {
    missing: 'Choose a password.',
    tooShort: (minimum: number, given: number) =>
      `That has ${given} ${given === 1 ? 'character' : 'characters'}; use at least ${minimum}. Four or five unrelated words make a good passphrase.`,
    tooLong: 'That is too long. Use at most 1,024 bytes, which is hundreds of characters.',
    illFormed: 'That contains something that is not text. Type it rather than pasting it.',
    common:
      'Attackers try this one early: it is on lists of common and stolen passwords. Try four or five unrelated words.',
    context: (word: string) =>
      `This is little more than “${word}”, which others can guess. Try four or five words that have nothing to do with you.`,
    current: 'This is the password that you have now. Choose another one.',
    repetitive: 'This repeats one short piece or runs along the keyboard. Try four or five unrelated words.',
  },
});

export const eventWords = defineWords({
  passwordChanged: 'Password changed',
  breachCheckFailed: 'The breached-password service did not answer',
});

export const flashWords = defineWords({
  passwordChanged: 'Your password was changed. Everywhere else you have been signed out.',
  passwordSet: 'You have a password now. Everywhere else you have been signed out.',
  outerSpace:
    'Your new password begins or ends with a space. That is part of it and has to be entered each time.',
});
