import { defineWords } from '../../platform/words/index.ts';

export const labelWords = defineWords({
  label: 'Passkeys',
  button: 'Continue with a passkey',
  method: 'a passkey',
  /** For one whose model is not known. */
  unnamed: 'Passkey',
});

export const standingWords = defineWords({
  some: (count: number) => (count === 1 ? 'One passkey.' : `${count} passkeys.`),
  unasked: 'One passkey, which signs you in and is not asked for after your password.',
  onlyWay:
    'Next step: this passkey is your only sign-in method. Create another one on another device or set a password, so that you get in when you lose it.',
  onlyWayButMail:
    'Next step: this passkey is your only sign-in method. Confirm an email address, create another passkey on another device or set a password, so that you get in when you lose it.',
});

/** What the script says below its button. */
export const scriptWords = defineWords({
  cancelled: 'No passkey was used. Try again when you are ready.',
  known: 'This device or password manager has a passkey of your account already.',
  unsupported: 'This browser cannot use passkeys here.',
  failed: 'This site could not be reached. Try again.',
});

export const ceremonyWords = defineWords({
  refused: 'This passkey could not be verified.',
  unknown: 'This passkey does not belong to any account here. It may have been removed.',
  expired: 'That took too long, or the page was sent before. Try again.',
  notVerified:
    'Your device has not checked that it is you, by its PIN, your fingerprint or your face. Set one of these up on it, and try again.',
  noScript:
    'Passkeys need JavaScript, which is off in this browser. Everything else on this site works without it.',
});

export const signInWords = defineWords({
  title: 'Sign in with a passkey',
  lead: 'Your device asks for your fingerprint, your face or its PIN. Nothing has to be typed.',
  button: 'Use a passkey',
  instead: 'Sign in another way',
});

export const registerWords = defineWords({
  link: 'Use a passkey instead of a password',
  title: 'Create an account with a passkey',
  lead: 'No password is needed. Your device asks for your fingerprint, your face or its PIN, and keeps a passkey with which you sign in from then on.',
  emailHint: 'If you lose the passkey, a mail to this address is the way back.',
  requiredEmailHint:
    'You will get a mail to confirm it. If you lose the passkey, a mail to this address is the way back.',
  withoutMail:
    'This site sends no mail. If you lose the passkey, only its operator can help you: create a second passkey on another device afterwards, or set a password.',
  codes: 'You also get recovery codes. Save them for the day when you lose the passkey.',
  button: 'Create account',
  trapFilled:
    'Your browser or password manager filled in a field that is not shown, as robots do. Nothing is wrong with what you entered: send the form once more.',
  formTooOld: 'This page was open for more than a day. Please send it once more.',
  withPassword: 'Use a password instead',
  haveAccount: 'Already have an account?',
  signIn: 'Sign in',
});

export const stepWords = defineWords({
  title: 'Use your passkey',
  lead: (username: string) =>
    `The account of ${username} has a passkey. Your device asks for your fingerprint, your face or its PIN.`,
  button: 'Use your passkey',
});

export const confirmWords = defineWords({
  title: 'Confirm that it is you',
  lead: (username: string) => `You are signed in as ${username}. Use a passkey of this account.`,
  button: 'Use your passkey',
  instead: 'Confirm in another way',
  sessionReplaced: 'Your session was renewed meanwhile. Sign in again.',
});

export const pageWords = defineWords({
  title: 'Passkeys',
  none: 'You have no passkey yet.',
  lead: 'With a passkey you sign in by your fingerprint, your face or the PIN of your device. It cannot be guessed, stolen from this site, or used on a false copy of it.',
  consequence:
    'From then on, signing in with your password asks for the passkey, too. You also get recovery codes, in case you lose it.',
  createTitle: 'Create a passkey',
  create: 'Create a passkey',
  createHint: 'Your device or password manager keeps it.',
  enough: (most: number) => `You have ${most} passkeys, which is the most. Remove one to create another.`,
  synced: 'Synchronised by your password manager',
  deviceBound: 'On one device',
  kind: 'Kept',
  added: 'Created',
  lastUsed: 'Last used',
  never: 'Never',
  name: 'Name',
  rename: 'Rename',
  remove: 'Remove',
  nameMissing: 'Enter a name.',
  nameTooLong: (most: number) => `Use at most ${most} characters.`,
  askTitle: 'Ask for a passkey after your password',
  askHint:
    'Your browser has created a passkey for you. It signs you in, and your password still does so alone. If you have it asked for, a stolen password is not enough any more. You also get recovery codes, in case you lose it.',
  ask: 'Ask for it from now on',
  onlyCredential:
    'This passkey is your only sign-in method. Set a password, connect another site or confirm an email address first.',
  back: 'How your account is protected',
});

export const setupWords = defineWords({
  title: 'Create a passkey',
  lead: (username: string) =>
    `This site requires a second factor of the account of ${username}. With a passkey, your device asks for your fingerprint, your face or its PIN, and signing in takes nothing else.`,
});

export const offerWords = defineWords({
  offer: 'Sign in faster next time, with your fingerprint, your face or the PIN of this device.',
  create: 'Create a passkey',
  decline: 'Not now',
});

/** What the script says once the browser has created a passkey by itself. */
export const upgradeWords = defineWords({
  done: 'Your password manager has created a passkey for this account. Next time, you can sign in with it.',
  notOffered: 'No passkey is created here now.',
});

export const withoutPasswordWords = defineWords({
  title: 'Sign in without a password',
  lead: 'You can remove your password and sign in with your passkeys alone. A password that does not exist cannot be guessed, stolen or entered on a false site.',
  lost: 'If you lose your passkeys, “Forgot your password?” sends you a mail with which you choose a new password, and you need one of your recovery codes.',
  needed:
    'Your password has to stay: without it, one lost device would lock you out. Create another passkey, or confirm an email address first.',
  button: 'Remove my password',
  link: 'Sign in without a password',
  back: 'Your passkeys',
});

export const flashWords = defineWords({
  registeredWithPasskey: 'Your account is created, and your passkey signs you in from now on.',
  passkeyAdded: 'Your passkey is created. From now on you can sign in with it.',
  passkeyRemoved:
    'The passkey is removed, and you are signed out everywhere else. Remove it from your password manager, too.',
  passkeyRenamed: 'The passkey has its new name.',
  passkeyAskedFor: 'From now on, signing in with your password asks for a passkey, too.',
  passkeyMissing: 'There is no such passkey any more.',
  passwordRemoved: 'Your account has no password any more, and you are signed out everywhere else.',
});

export const changeWords = defineWords({
  added: (name: string) => `A passkey was added: ${name}.`,
  removed: (name: string) => `A passkey was removed: ${name}.`,
  askedFor: 'Signing in asks for a passkey from now on.',
});

export const eventWords = defineWords({
  passkeyRenamed: 'Passkey renamed',
  passwordRemoved: 'Password removed',
  passkeyCopied: 'A copy of a passkey was refused',
});

export const emailWords = defineWords({
  passwordRemoved: {
    subject: (site: string) => `The password of your ${site} account was removed`,
    lead: (site: string) =>
      `The password of your account at ${site} was removed. Signing in needs one of its passkeys from now on.`,
    advice:
      'If that was not you, another person may be in your account: choose a new password at once, and contact the operator of the site.',
    help: 'Choose a new password',
  },
  passkeyCopied: {
    subject: (site: string) => `A copy of a passkey of your ${site} account was refused`,
    lead: (site: string, name: string) =>
      `At ${site}, the passkey ${name} was used with a signature that is older than the last one. This can happen after an authenticator was reset or restored, but it can also mean that it was copied. The sign-in was refused.`,
    advice: 'If you cannot explain it, remove this passkey and create another one.',
    help: 'See your passkeys',
  },
});
