import type { EventDetails } from '../platform/events/index.ts';
import { defineWords } from '../platform/words/index.ts';

export const emailWords = defineWords({
  mailFooter: 'It never asks for your password by mail.',
  sessionEndedAfterTheft: {
    subject: (site: string) => `Your session at ${site} was ended to protect you`,
    lead: (site: string) =>
      `An old copy of the cookie that kept you signed in at ${site} was used, so that session was ended.`,
    advice:
      'If you have not restored an old backup of your browser, its cookies may have been copied: check that device for malicious software, and choose a new password.',
    help: 'Choose a new password',
  },
  accountDisabled: {
    subject: (site: string) => `Your ${site} account was disabled`,
    lead: (site: string) =>
      `Your account at ${site} was disabled. You are signed out everywhere and cannot sign in.`,
    advice: 'If you think that this is a mistake, contact the operator of the site.',
  },
  accountDeletionRequested: {
    subject: (site: string) => `Your ${site} account will be deleted`,
    lead: (site: string, deletion: string) =>
      `We received a request to delete your account at ${site}. It will be deleted on ${deletion}, with everything that is stored for it.`,
    keep: 'If you have changed your mind: signing in keeps your account.',
    advice:
      'If that was not you, another person may be in your account. Sign in to keep it, and then choose a new password at once.',
    help: 'Sign in and keep it',
  },
  accountDeleted: {
    subject: (site: string) => `Your ${site} account was deleted`,
    lead: (site: string) => `Your account at ${site} was deleted, with everything that was kept with it.`,
    advice: 'If you did not want that, contact the operator of the site. It cannot be undone here.',
  },
});

export const flashWords = defineWords({
  signedOut: 'You have been logged out.',
  signInExpired: 'That took too long, or something has changed meanwhile. Please sign in again.',
  sessionStolen:
    'A session of yours was ended because an old copy of its cookie was used. If you are not sure that it was you, change your password.',
  deletionCancelled: 'Welcome back. Your account will not be deleted.',
});

const withMethod = (text: string, { method }: EventDetails) =>
  method === undefined ? text : `${text} with ${method}`;

const refusalReasons: Readonly<Record<string, string>> = {
  'wrong-credential': 'wrong password',
  'wrong-passkey': 'the passkey was not accepted',
  'credential-changed': 'what proved it was changed at that moment',
  'account-unusable': 'the account may not be used',
  'password-too-long': 'the password was too long',
  'pepper-lost': 'the password cannot be checked at the moment',
  'unknown-account': 'no account has that name',
  'address-unconfirmed': 'the address is not confirmed',
  'wrong-code': 'wrong code',
  'no-address': 'the account has no address of its own',
  'password-disabled': 'too many wrong passwords came before',
};

export const eventWords = defineWords({
  signedIn: (details: EventDetails) => withMethod('Signed in', details),
  signInRefused: ({ reason }: EventDetails) =>
    reason === undefined ? 'Sign-in refused' : `Sign-in refused: ${refusalReasons[reason] ?? reason}`,
  signInWaits: (details: EventDetails) => withMethod('Proof accepted; a further step was asked for', details),
  signedOut: 'Signed out',
  sessionEnded: 'Signed another browser out',
  sessionStolen: 'A session was ended, because an old copy of its cookie was used',
  identityNotConfirmed: 'Confirming who it is failed',
  accountDisabled: 'Account disabled by the operator',
  accountEnabled: 'Account enabled by the operator',
  accountDeletionCancelled: 'Account kept, by signing in again',
  accountDeleted: 'Account deleted',
  accountDeletionRefused: 'Account not deleted, because other data refers to it',
  signedOutEverywhere: 'Signed out everywhere by the operator',
});

export const stepWords = defineWords({ notPending: 'No sign-in waits for this step. Sign in again.' });

export const fieldWords = defineWords({
  username: 'Username',
  usernameOrEmail: 'Username or email',
  email: 'Email',
  password: 'Password',
  trapFilled:
    'Your browser or password manager filled in a field that is not shown, as robots do. Nothing is wrong with what you entered: enter your password again and send the form once more.',
  backToAccount: 'Back to your account',
  signIn: 'Sign in',
  passwordMissing: 'Enter your password.',
  forgottenPassword: 'Forgot your password?',
});
