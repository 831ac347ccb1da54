import { defineWords } from '../../platform/words/index.ts';

/** The pages on which a user changes their address. */
export const emailChangeWords = defineWords({
  title: 'Your email address',
  current: 'Your address is',
  none: 'You have given no address yet. With one you can sign in by it, and get a new password when you forget yours.',
  waiting: 'A mail is waiting to be opened at',
  address: 'New email address',
  hint: 'We send a mail there. Nothing changes before you have opened its link.',
  button: 'Send the mail',
  missing: 'Enter an email address.',
  same: 'That is your address already.',
  confirm: {
    title: 'Use this address?',
    lead: (username: string) => `This is about the account of ${username}. From now on its address is`,
    consequences:
      'You will be signed out everywhere else. If you had another address, it gets a mail with which the change can be undone for three days.',
    button: 'Use this address',
  },
  invalid: {
    title: 'This link does not work',
    text: 'It may have been used already, have run out, or belong to another account than the one that you are signed in to; or a newer mail was sent, or another account has this address.',
    again: 'Your email address',
  },
  undo: {
    title: 'Undo the change of address?',
    lead: (username: string) => `The account of ${username} gets its old address back:`,
    consequences:
      'It is signed out everywhere, its password stops working, and we send a mail to this address with which you can choose a new one.',
    button: 'Undo the change',
    reset: 'Choose a new password',
    notNeeded: 'You changed it yourself? Then close this page; nothing happens.',
    invalid:
      'It may have been used already or have run out, or another account has this address by now. If another person is in your account, contact the operator of this site.',
  },
});

export const emailWords = defineWords({
  addressChangeConfirm: {
    subject: (site: string) => `Confirm your new email address for ${site}`,
    lead: (site: string) => `We received a request to use this address for an account at ${site}.`,
    action: 'Use this address',
    advice: 'If that was not you, you can ignore this mail; nothing happens without you.',
  },
  addressWanted: {
    subject: (site: string) => `Your email address was asked for at ${site}`,
    lead: (site: string) =>
      `We received a request to use this address for another account at ${site}. It is the address of your account already, so nothing was changed.`,
    advice:
      'If that was not you, there is nothing to do. If it was: an address belongs to one account. Sign in to this one, give it another address, and try again.',
    help: 'Sign in',
  },
  addressChangeNotice: {
    subject: (site: string) => `The email address of your ${site} account was changed`,
    lead: (site: string) =>
      `Your account at ${site} now has another email address, and mail no longer goes to this one.`,
    advice: (expires: string) =>
      `If that was not you, undo it and choose a new password. You can do so until ${expires}.`,
    help: 'Undo the change',
  },
  addressChanged: {
    subject: (site: string) => `This is now the email address of your ${site} account`,
    lead: (site: string) => `Your account at ${site} now has this email address.`,
    advice: 'If that was not you, another person may be in your account. Act now:',
    help: 'Look after your account',
  },
});

export const eventWords = defineWords({
  addressChangeRequested: 'Another email address was asked for',
  addressChanged: 'Email address changed',
  addressChangeUndone: 'The change of the email address was undone',
});

export const flashWords = defineWords({
  addressChangeSent: 'We have sent a mail to that address. Open its link in this browser to go on.',
  addressChanged: 'Your email address was changed. Everywhere else you have been signed out.',
  addressChangeUndone:
    'Your old address is back. You are signed out everywhere, and we have sent you a mail with which you can choose a new password.',
});
