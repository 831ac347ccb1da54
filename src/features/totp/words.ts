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
  removal: 'Without the app, your first factor alone gives access, and your recovery codes stop working.',
  required:
    'This site requires a second factor of your account, so you can replace the app, and not remove it.',
  remove: 'Remove the authenticator app',
  replacement:
    'For another device, set the app up there; it then takes the place of the one that you have now.',
  replace: 'Replace the authenticator app',
  replaceLead: (username: string) =>
    `Set the account of ${username} up in the authenticator app of your other device. Once you have entered its code, the codes of the app that you have now stop working.`,
  replaceButton: 'Replace',
  back: 'How your account is protected',
});

/** Where a sign-in has the app set up. */
export const signInSetupWords = defineWords({
  title: 'Set up an authenticator app',
  lead: (username: string) =>
    `This site requires a second factor of ${username}: an app on your phone that shows a code of six digits, which changes every 30 seconds. Set it up now, and you are signed in.`,
  button: 'Turn on and sign in',
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
  authenticatorReplaced:
    'Your authenticator app is replaced, and you are signed out everywhere else. Signing in asks for the codes of the new one.',
  authenticatorAlready: 'An authenticator app is set up already.',
  authenticatorExpired: 'That took too long. Here is a new key.',
  authenticatorMissing: 'No authenticator app is set up.',
});
