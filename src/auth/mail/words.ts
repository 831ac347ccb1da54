import type { Credential, MailName } from './message.ts';
import type { MailValues } from './values.ts';

/** A mail before it is set as text or as HTML. Everything in it is plain text. */
export type Letter = {
  readonly subject: string;
  /** Whom it greets; null where the address is not proven to be anybody's. */
  readonly username: string | null;
  readonly lead: readonly string[];
  readonly action: Link | null;
  readonly code: { readonly before: string; readonly code: string } | null;
  /** What is said of a link or a code, such as how long it works. */
  readonly limits: string | null;
  readonly facts: readonly (readonly [term: string, value: string])[];
  /** What to do if it was somebody else. */
  readonly advice: readonly string[];
  readonly help: Link | null;
};

export type Link = { readonly label: string; readonly address: string };

type Words = Readonly<Record<MailName, (values: MailValues) => Partial<Letter> & Pick<Letter, 'subject'>>>;

const IGNORE = 'If that was not you, you can ignore this mail; nothing happens without you.';
const worksOnce = (values: { readonly expires: string }) => `It works once, until ${values.expires}.`;
const secureNow = { advice: ['If that was not you, somebody else may be in your account. Act now:'] };

/** Every word of every mail. Another language is another object of this shape. */
const letters: Words = {
  'confirm-address': ({ siteName, page, code, ...values }) => ({
    subject: `Confirm your email address for ${siteName}`,
    lead: [`Somebody, most likely you, gave this address at ${siteName}. Please confirm that it is yours.`],
    action: { label: 'Confirm this address', address: page },
    code: { before: 'Or type this code where you are asked for it:', code },
    limits: worksOnce(values),
    advice: [IGNORE],
  }),
  'reset-password': ({ siteName, page, ...values }) => ({
    subject: `Choose a new password for ${siteName}`,
    lead: [`Somebody, most likely you, asked for a new password for your account at ${siteName}.`],
    action: { label: 'Choose a new password', address: page },
    limits: worksOnce(values),
    advice: ['If that was not you, you can ignore this mail; your password stays as it is.'],
  }),
  'address-change-confirm': ({ siteName, page, ...values }) => ({
    subject: `Confirm your new email address for ${siteName}`,
    lead: [`Somebody, most likely you, wants to use this address for an account at ${siteName}.`],
    action: { label: 'Use this address', address: page },
    limits: worksOnce(values),
    advice: [IGNORE],
  }),
  'address-wanted': ({ siteName, page }) => ({
    subject: `Your email address was asked for at ${siteName}`,
    lead: [
      `Somebody wanted to use this address for another account at ${siteName}. It is the address of your account already, so nothing was changed.`,
    ],
    advice: [
      'If that was not you, there is nothing to do. If it was: an address belongs to one account. Sign in to this one, give it another address, and try again.',
    ],
    help: { label: 'Sign in', address: page },
  }),
  'address-change-notice': ({ siteName, page, expires }) => ({
    subject: `The email address of your ${siteName} account was changed`,
    lead: [`Your account at ${siteName} now has another email address, and mail no longer goes to this one.`],
    advice: [`If that was not you, undo it and choose a new password. You can do so until ${expires}.`],
    help: { label: 'Undo the change', address: page },
  }),
  'password-changed': ({ siteName, page, otherWays, disconnected }) => ({
    subject: `Your ${siteName} password was changed`,
    lead: [
      `The password of your account at ${siteName} was changed, and every other session was ended.`,
      ...(disconnected === ''
        ? []
        : [`Sign-in with ${disconnected} was disconnected. You can connect it again on your account page.`]),
      ...(otherWays === ''
        ? []
        : [
            `You can still sign in with ${otherWays}. If you do not recognise that, disconnect it on your account page.`,
          ]),
    ],
    ...secureNow,
    help: { label: 'Get your account back', address: page },
  }),
  'password-disabled': ({ siteName, page, ...values }) => ({
    subject: `Your ${siteName} password was entered wrong too often`,
    lead: [
      `The password of your account at ${siteName} was entered wrong too many times in a row, so it no longer works in browsers that have not signed in to your account before.`,
      'It still works in those that have, and so does every other way to sign in that you have set up. A new password works everywhere.',
    ],
    advice: ['If that was not you, an attacker was guessing your password and did not get in.'],
    action: { label: 'Choose a new password', address: page },
    limits: `${worksOnce(values)} After that, the sign-in page has “Forgot your password?”.`,
  }),
  'address-changed': ({ siteName, page }) => ({
    subject: `This is now the email address of your ${siteName} account`,
    lead: [`Your account at ${siteName} now has this email address.`],
    ...secureNow,
    help: { label: 'Look after your account', address: page },
  }),
  'signed-in-from-new-device': ({ siteName, page, expires }) => ({
    subject: `New sign-in to your ${siteName} account`,
    lead: [
      `Somebody signed in to your account at ${siteName} with a browser, or from a network, that was not used there before.`,
    ],
    advice: [
      'If that was you, there is nothing to do.',
      `If it was not, somebody else knows your password. End every session and choose a new one; the page for it works until ${expires}.`,
    ],
    help: { label: 'This was not me', address: page },
  }),
  'session-ended-after-theft': ({ siteName, page }) => ({
    subject: `Your session at ${siteName} was ended to protect you`,
    lead: [
      `Somebody used an old copy of the cookie that kept you signed in at ${siteName}, so that session was ended.`,
    ],
    advice: [
      'If you have not restored an old backup of your browser, somebody may have copied its cookies: check that device for malicious software, and choose a new password.',
    ],
    help: { label: 'Choose a new password', address: page },
  }),
  'account-disabled': ({ siteName }) => ({
    subject: `Your ${siteName} account was disabled`,
    lead: [`Your account at ${siteName} was disabled. You are signed out everywhere and cannot sign in.`],
    advice: ['If you think that this is a mistake, ask whoever runs the site.'],
  }),
  'account-deletion-requested': ({ siteName, page, deletion }) => ({
    subject: `Your ${siteName} account will be deleted`,
    lead: [
      `Somebody, most likely you, asked for your account at ${siteName} to be deleted. This happens on ${deletion}, and then everything that is kept with it goes for good.`,
    ],
    advice: [
      'If you have changed your mind: signing in keeps your account.',
      'If that was not you, somebody else may be in your account. Sign in to keep it, and then choose a new password at once.',
    ],
    help: { label: 'Sign in and keep it', address: page },
  }),
  'account-deleted': ({ siteName }) => ({
    subject: `Your ${siteName} account was deleted`,
    lead: [`Your account at ${siteName} was deleted, with everything that was kept with it.`],
    advice: ['If you did not want that, tell whoever runs the site. It cannot be undone here.'],
  }),
  'registration-attempted': ({ siteName, page, resetPage }) => ({
    subject: `You already have an account at ${siteName}`,
    lead: [
      `Somebody, most likely you, tried to create an account at ${siteName} with this address. You already have one, so no other was made.`,
    ],
    action: { label: 'Sign in', address: page },
    advice: ['If that was not you, there is nothing to do. If it was, and you have forgotten your password:'],
    help: { label: 'Choose a new password', address: resetPage },
  }),
  'magic-link': ({ siteName, page, code, ...values }) => ({
    subject: `Sign in to ${siteName}`,
    lead: [`Somebody, most likely you, wants to sign in to your account at ${siteName}.`],
    action: { label: 'Sign in', address: page },
    code: { before: 'Or type this code in the browser that you began with:', code },
    limits: worksOnce(values),
    advice: [
      'If that was not you, ignore this mail, and tell nobody the code: whoever asks you for it wants to get into your account.',
    ],
  }),
  'identity-code': ({ siteName, code, ...values }) => ({
    subject: `Your code for ${siteName}`,
    lead: [`A sensitive action in your account at ${siteName} needs this code.`],
    code: { before: 'Type this code in the browser that you began with:', code },
    limits: worksOnce(values),
    advice: [
      'If that was not you, another person may be in your account: keep the code to yourself, sign in, and end every session.',
    ],
  }),
  invitation: ({ siteName, page, ...values }) => ({
    subject: `You are invited to ${siteName}`,
    lead: [`Whoever runs ${siteName} invites you to create an account there.`],
    action: { label: 'Create your account', address: page },
    limits: worksOnce(values),
    advice: ['If you do not want one, you can ignore this mail.'],
  }),
  'credential-changed': ({ siteName, page, credential, change }) => ({
    subject: `${credential} was ${change} at ${siteName}`,
    lead: [`How you sign in to your account at ${siteName} was changed. ${credential} was ${change}.`],
    ...secureNow,
    help: { label: 'Look after your account', address: page },
  }),
  test: ({ siteName, siteAddress }) => ({
    subject: `A test of the mail of ${siteName}`,
    lead: [
      `Whoever runs ${siteName} had this mail sent to see whether mail arrives, and it does. This is how mail from there looks.`,
    ],
    action: { label: `Open ${siteName}`, address: siteAddress },
  }),
};

const credentials: Readonly<Record<Credential, string>> = {
  passkey: 'Passkey',
  authenticator: 'Authenticator app',
  'recovery-codes': 'Set of recovery codes',
  'security-key': 'Security key',
  connection: 'Sign-in with',
};

/** The words around the letters. */
export const mailWords = {
  letters,
  greeting: (username: string | null) => (username === null ? 'Hello,' : `Hello ${username},`),
  /** Stands before the address of a button, in full. */
  orOpen: 'Or open this address:',
  when: 'When',
  where: 'From',
  place: (place: string) => `about ${place}`,
  address: (address: string) => `address ${address}`,
  changes: { added: 'added', removed: 'removed' },
  list: (labels: readonly string[]) => new Intl.ListFormat('en-GB').format([...new Set(labels)]),
  credential: (credential: Credential, label: string | null) => {
    if (credential === 'connection') return `${credentials.connection} ${label ?? 'another site'}`;
    return label === null ? credentials[credential] : `${credentials[credential]} “${label}”`;
  },
  /** Closes every mail. */
  footer: (siteName: string) =>
    `${siteName} sent this by itself, so answers are not read. It never asks for your password by mail.`,
};
