import { defineWords } from '../../platform/words/index.ts';

/** The page on which a user requests a mail for a new password. */
export const resetRequestWords = defineWords({
  title: 'Forgot your password?',
  lead: 'Enter your username or email address, and we send a mail with which you can choose a new password.',
  missing: 'Enter your username or email address.',
  button: 'Send the mail',
  back: 'Back to sign in',
});

/** Shown instead where no mail can be sent. */
export const resetWithoutMailWords = defineWords({
  title: 'Forgot your password?',
  text: 'This site sends no mail. Ask its operator for a link with which you can choose a new password.',
});

/** The page behind the link. */
export const resetWords = defineWords({
  title: 'Choose a new password',
  lead: (username: string) =>
    `This is about the account of ${username}. You will be signed out everywhere, and then sign in with the new password.`,
  otherWays: 'Other ways to sign in',
  keepHint:
    'These sign you in without a password. Those that are not ticked are removed, because an attacker who was in your account may have added one. Tick only what you recognise; you can add the others again later.',
  keep: (label: string, handle: string | null) =>
    handle === null ? `Keep ${label}` : `Keep ${label} (${handle})`,
  since: (added: string, lastUsed: string | null) =>
    lastUsed === null ? `Added on ${added}.` : `Added on ${added}, last used ${lastUsed}.`,
  button: 'Set the new password',
  notYours: 'You did not ask for this? Then close this page; your password stays as it is.',
});

/** Said of a link that does not work. */
export const resetInvalidWords = defineWords({
  title: 'This link does not work',
  text: 'It may have been used already or have run out, a newer mail may have been sent, or the account was changed since. You can have another mail sent.',
  again: 'Have another mail sent',
});

export const emailWords = defineWords({
  resetPassword: {
    subject: (site: string) => `Choose a new password for ${site}`,
    lead: (site: string) => `We received a request for a new password for your account at ${site}.`,
    action: 'Choose a new password',
    advice: 'If that was not you, you can ignore this mail; your password stays as it is.',
  },
  accountCreated: {
    subject: (site: string) => `Your account at ${site}`,
    lead: (site: string) => `An account was made for you at ${site}. Choose a password to use it.`,
    action: 'Choose a password',
    afterExpiry: 'After that, the sign-in page has “Forgot your password?”.',
    advice: 'If you expected no account there, you can ignore this mail.',
  },
  passwordDisabled: {
    subject: (site: string) => `Your ${site} password was entered wrong too often`,
    lead: (site: string) =>
      `The password of your account at ${site} was entered wrong too many times in a row, so it no longer works in browsers that have not signed in to your account before.`,
    stillWorks:
      'It still works in those that have, and so does every other way to sign in that you have set up. A new password works everywhere.',
    action: 'Choose a new password',
    afterExpiry: 'After that, the sign-in page has “Forgot your password?”.',
    advice: 'If that was not you, an attacker was guessing your password and did not get in.',
  },
});

export const eventWords = defineWords({
  passwordResetRequested: 'A mail to choose a new password was asked for',
  passwordResetRefused: 'A mail to choose a new password was asked for, and none was sent',
  passwordResetLinkCreated: 'The operator made a link to choose a new password',
  passwordReset: 'New password chosen, by a link',
  passwordDisabled: 'The password was disabled after too many wrong ones in a row',
});

export const flashWords = defineWords({
  resetRequested:
    'If there is an account with that name and a mail address, a mail is on its way to it. Its link works for 30 minutes.',
  passwordReset: 'Your new password is set, and you have been signed out everywhere. Please sign in with it.',
});
