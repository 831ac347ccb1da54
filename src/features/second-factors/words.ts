import { defineWords } from '../../platform/words/index.ts';

export const stepWords = defineWords({
  title: 'Second factor',
  unavailable: (username: string) =>
    `The account of ${username} has a second factor that this site cannot ask for at the moment. Contact the operator of the site.`,
});

/** The step of a sign-in in which an account gets its first second factor. */
export const setupStepWords = defineWords({
  title: 'Set up a second factor',
  lead: (username: string) =>
    `This site requires a second factor of ${username}. Choose one to set up; then you are signed in.`,
  unavailable: 'There is none that can be set up here at the moment. Contact the operator of the site.',
});

/** The reminder on pages, while the account works without a second factor. */
export const reminderWords = defineWords({
  before: 'This site requires a second factor of your account. Until',
  after: 'you can still sign in without one.',
  link: 'Set it up now',
});

/** Why the last second factor stays. */
export const policyWords = defineWords({
  required:
    'This site requires a second factor of your account, so the last one cannot be removed. You can replace it.',
});

/** What the pages of all factors that are typed have in common. */
export const codeWords = defineWords({
  missing: 'Enter the code.',
  refused: 'That code is not right, or it was used already. Enter the next one.',
  button: 'Sign in',
  instead: (label: string) => `Use this instead: ${label}`,
  lost: 'I have lost it',
  cancel: 'Do not sign in',
});

export const securityWords = defineWords({
  title: 'How your account is protected',
  oneFactor:
    'Your account is protected by one factor: your password, or whatever else you sign in with, gives access to it alone.',
  twoFactors: 'Your account is protected by two factors: a stolen password alone does not give access to it.',
  nothingToDo: 'There is nothing else that you should do.',
  requiredBefore: 'This site requires a second factor of your account. You can sign in without one until',
  requiredAfter: '.',
  addFactor: 'Next step: add a second factor.',
  addResistant:
    'Next step: add a passkey. A false copy of this site can ask for a code and pass it on, but gets nothing from a passkey.',
  signInTitle: 'Second factors',
  restTitle: 'What else gives access',
  events: 'See the recent events of your account',
  addBackup: 'Next step: keep a way in for the day when you lose the first one.',
  none: 'Not set up.',
  manage: (label: string) => `Manage: ${label}`,
});

export const securityPanelWords = defineWords({
  title: 'Second factors',
  text: 'What a sign-in asks for besides your password, and how well your account is protected.',
  link: 'See how your account is protected',
});

export const emailWords = defineWords({
  secondFactorChanged: {
    subject: (site: string) => `The second factors of your ${site} account were changed`,
    lead: (site: string) => `What signing in to ${site} asks for besides the first factor was changed.`,
    itWasYou: 'If that was you, there is nothing to do.',
    advice: (expires: string) =>
      `If it was not, another person is in your account. Undo the change; the page for it works until ${expires}.`,
    help: 'Undo the change',
  },
  secondFactorTried: {
    subject: (site: string) => `Wrong codes were entered for your ${site} account`,
    lead: (site: string) =>
      `A person who has passed the first factor of your account at ${site}, such as your password, has entered several wrong codes. None of them gave access.`,
    advice:
      'If that was not you, your password is known to another person: choose a new one. If you sign in by mail or with another site, protect that account, too.',
    help: 'Choose a new password',
  },
  secondFactorsReset: {
    subject: (site: string) => `The second factors of your ${site} account were removed`,
    lead: (site: string) =>
      `The operator has removed the second factors of your account at ${site}. You are signed out everywhere, and signing in asks for the first factor alone.`,
    advice:
      'Sign in and set up a second factor again. If you did not ask for this, contact the operator of the site.',
  },
  secondFactorRequired: {
    subject: (site: string) => `Your ${site} account needs a second factor`,
    lead: (site: string) =>
      `${site} requires a second factor of your account, such as an app on your phone that shows codes.`,
    until: (until: string) => `You can sign in without one until ${until}.`,
    action: 'Set up a second factor',
    advice:
      'After that, you are signed out everywhere, and the next sign-in has you set it up before it goes on. If you cannot set one up, contact the operator of the site.',
  },
  secondFactorDue: {
    subject: (site: string) => `Set up a second factor for your ${site} account by tomorrow`,
    lead: (site: string) => `Your account at ${site} has no second factor yet, and ${site} requires one.`,
    until: (until: string) => `You can sign in without one until ${until}.`,
    action: 'Set up a second factor',
    advice:
      'After that, you are signed out everywhere, and the next sign-in has you set it up before it goes on. If you cannot set one up, contact the operator of the site.',
  },
});

/** What a notice says about a change. */
export const changeWords = defineWords({
  added: (label: string) => `Added: ${label}.`,
  removed: (label: string) => `Removed: ${label}.`,
  replaced: (label: string) => `Replaced: ${label}.`,
  lost: 'Removed: all second factors, which were said to be lost.',
});

export const eventWords = defineWords({
  secondFactorAdded: 'Second factor added',
  secondFactorRemoved: 'Second factor removed',
  secondFactorReplaced: 'Second factor replaced',
  secondFactorOverdue: 'Signed out, because the account needs a second factor',
  secondFactorsReset: 'Second factors removed by the operator',
});

export const flashWords = defineWords({
  confirmAddressForFactor: 'Confirm your email address before you add a second factor.',
});
