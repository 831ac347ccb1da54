import { defineWords } from '../../platform/words/index.ts';

export const fieldWords = defineWords({
  username: 'Username',
  usernameOrEmail: 'Username or email',
  email: 'Email',
  password: 'Password',
  trapFilled:
    'Your browser or password manager filled in a field that is not shown, as robots do. Nothing is wrong with what you entered: enter your password again and send the form once more.',
});

export const backWords = defineWords({
  account: 'Back to your account',
});

/** The checkbox that keeps a session on a device, and links below several forms. */
export const signInFieldWords = defineWords({
  signIn: 'Sign in',
  passwordMissing: 'Enter your password.',
  remember: 'Keep me signed in',
  rememberHint: 'Only on a device that only you use.',
  forgottenPassword: 'Forgot your password?',
});
