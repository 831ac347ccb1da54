import { defineWords } from '../../platform/words/index.ts';

export const labelWords = defineWords({ label: 'Authenticator app' });

export const standingWords = defineWords({
  setUp: 'Set up.',
  disabled:
    'Too many wrong codes were entered, so its codes do not work in new browsers. Next step: remove it and set it up again.',
});

export const pageWords = defineWords({
  title: 'Authenticator app',
  lead: (username: string) =>
    `An app on your phone shows a code of six digits that changes every 30 seconds. Signing in as ${username} will ask for it besides your password.`,
  install: 'Open your authenticator app, or install one.',
  scan: 'Scan the picture with it, or type the key below.',
  enter: 'Enter the six digits that it shows.',
  image: 'QR code with the key below',
  open: 'On this device: open the authenticator app',
  secret: 'Key',
  secretHint: 'For apps that cannot scan. Spaces do not matter. Keep it secret.',
  code: 'Code of the app',
  codeHint: 'Six digits.',
  button: 'Turn on',
  refused:
    'That code is not right. Enter the six digits that the app shows now; if it happens again, set the clock of your phone to automatic.',
  isSetUp: (username: string) => `Signing in as ${username} asks for a code of your authenticator app.`,
  removal:
    'To use another device, remove the app here and set it up again. Without it, your first factor alone gives access, and your recovery codes stop working.',
  remove: 'Remove the authenticator app',
  back: 'How your account is protected',
});

export const stepWords = defineWords({
  title: 'Enter the code of your app',
  lead: (username: string) =>
    `Open the authenticator app in which you have set up the account of ${username}.`,
  code: 'Code of the app',
  hint: 'Six digits, a new one every 30 seconds.',
});

export const flashWords = defineWords({
  authenticatorAdded:
    'Your authenticator app is set up. You are signed out everywhere else, and signing in asks for its code from now on.',
  authenticatorRemoved:
    'Your authenticator app is removed, and you are signed out everywhere else. Signing in does not ask for its code any more.',
  authenticatorAlready: 'An authenticator app is set up already.',
  authenticatorExpired: 'That took too long. Here is a new key.',
  authenticatorMissing: 'No authenticator app is set up.',
});
