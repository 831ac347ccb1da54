import { defineWords } from '../../platform/words/index.ts';

/** The pages that redirect to a provider. */
export const redirectWords = defineWords({
  method: 'another site',
  signIn: {
    title: (site: string) => `Going to ${site}`,
    lead: (site: string) => `You are being taken to ${site}, to sign in there.`,
    link: (site: string) => `Go on to ${site}`,
  },
  signOut: {
    title: (site: string) => `Signing out of ${site}`,
    lead: (site: string) =>
      `You are signed out here, and are being taken to ${site}, to be signed out there, too.`,
    link: (site: string) => `Go on to ${site}`,
  },
});

/** The page on which a new user of a provider chooses a username. */
export const newUserWords = defineWords({
  title: 'Choose your username',
  lead: (site: string) =>
    `You have signed in with ${site}, and no account here is connected with that account yet.`,
  button: 'Create account',
  emailConfirmed: 'Your address',
  emailIs: (site: string) => `${site} has shown that it is yours.`,
  held: (address: string) =>
    `There is an account here with the address ${address} already. If it is yours, sign in to it, and connect it in your account. Else make another one, which then has another address or none.`,
  signInInstead: 'You have an account here already?',
  signIn: 'Sign in, and connect it',
});

/** The page on which users connect and disconnect providers. */
export const connectionsWords = defineWords({
  title: 'Connected sites',
  lead: 'Sites that you can sign in with here, and when you last did.',
  none: 'You have connected no site yet.',
  connected: 'Connected',
  lastUsed: 'Last used',
  never: 'never',
  as: 'As',
  connect: (site: string) => `Connect ${site}`,
  disconnect: 'Disconnect',
  onlyMethod: 'This is your only way in. Set a password before you disconnect it.',
  setPassword: 'Set a password',
  more: 'Connect another site',
  notOffered: (provider: string) => `${provider} (no longer offered)`,
  panel: 'Sites that you can sign in with instead of your password.',
  see: 'See your connected sites',
});

export const connectionsStandingWords = defineWords({ none: 'None.' });

export const emailWords = defineWords({
  /** What was added or removed. */
  signInWith: (label: string) => `Sign-in with ${label}`,
  changes: { added: 'added', removed: 'removed' },
  credentialChanged: {
    subject: (site: string, credential: string, change: string) => `${credential} was ${change} at ${site}`,
    lead: (site: string, credential: string, change: string) =>
      `How you sign in to your account at ${site} was changed. ${credential} was ${change}.`,
    advice: 'If that was not you, another person may be in your account. Act now:',
    help: 'Look after your account',
  },
});

export const eventWords = defineWords({
  providerFailed: 'Signing in with another site failed',
  identityLinked: 'Connected with another site',
  identityUnlinked: 'Disconnected from another site',
  providerIncomplete: 'Another site did not give all details of a user',
  providerSignOutFailed: 'Signed out here, and not at another site',
  sessionEndedByProvider: 'Signed out by another site',
});

export const flashWords = defineWords({
  providerExpired: 'That took too long, or was begun in another browser. Please try again.',
  providerTooLate: 'That took too long. Please try again.',
  providerOtherBrowser:
    'That was begun in another browser, or this one has lost its cookies. Please try again here.',
  providerOtherSession: 'You have signed out, or in again, since you began that. Please try again.',
  providerUnknownState: 'That was not begun here, or is finished already. Please try again.',
  providerCancelled: 'You have cancelled it on the other site. Nothing was changed.',
  providerFailed:
    'The other site did not let you sign in, or what it said could not be verified. Please try again.',
  providerUnavailable:
    'The other site does not answer at the moment. Please try again later, or sign in in another way.',
  providerClock:
    'What the other site said could not be verified, because its clock and ours differ. Please tell the operator of this site.',
  providerNotEvaluated:
    'The other site did not say enough about you to let you in here. Please ask the operator of this site.',
  providerRefused:
    'You cannot sign in here with that. If you think that this is a mistake, ask the operator of this site.',
  providerUnknown:
    'No account here is connected with that account, and new accounts are not being made. If you have an account here, sign in to it, and connect the site in your account.',
  signedOutHereOnly:
    'The site that you had signed in with could not be reached, so you may still be signed in there.',
  connected: 'You can sign in with that site from now on.',
  connectedAlready: 'You have connected that already.',
  connectedAgain: 'That site is connected again.',
  connectedElsewhere: 'That is connected with another account here. Disconnect it there first.',
  connectedTooMany: 'You have connected twenty. Disconnect one of them first.',
  disconnected: 'That site is disconnected. Everywhere else you have been signed out.',
  disconnectedAlready: 'That site was disconnected already.',
  lastSignInMethod: 'That is your only way in, so it stays. Set a password first.',
  confirmAddressFirst: 'Please confirm your email address first.',
  confirmedByOther:
    'That is another account than the one that you have connected here. Nothing was confirmed.',
});
