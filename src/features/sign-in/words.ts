import { defineWords } from '../../platform/words/index.ts';

export const loginWords = defineWords({
  method: 'a password',
  title: 'Sign in',
  signInFirst: 'Please sign in to go on.',
  button: 'Sign in',
  refused: 'Invalid username or password',
  usernameMissing: 'Enter your username or email address.',
  noAccount: 'New here?',
  register: 'Create an account',
});

export const rememberWords = defineWords({
  label: 'Keep me signed in',
  hint: 'Only on a device that only you use.',
});

export const logoutWords = defineWords({
  title: 'Sign out',
  question: (username: string) => `You are signed in as ${username}. Sign out on this device?`,
  button: 'Sign out',
  stay: 'Stay signed in',
});

/** The buttons that continue with an identity provider. */
export const signInButtonWords = defineWords({
  or: 'or',
  continueWith: (provider: string) => `Continue with ${provider}`,
});

export const flashWords = defineWords({
  signInCancelled: 'You are not signed in.',
});
