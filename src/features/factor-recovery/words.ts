import { defineWords } from '../../platform/words/index.ts';

/** The page of a pending sign-in for a user who has lost the second factor. */
export const lostWords = defineWords({
  title: 'You have lost your second factor?',
  lead: (username: string) =>
    `Signing in as ${username} needs the second factor, or a recovery code in its place. Look for both first.`,
  back: 'I have found it',
  twoProofs: {
    title: 'Give your password as well',
    lead: 'You have signed in with another site. With your password, that is enough: your second factors are removed, and you can set up new ones.',
    button: 'Remove my second factors',
  },
  providers: (labels: string) =>
    `There is a quicker way if you still have your account at ${labels}: cancel this sign-in, sign out there, sign in here with it, and say again that you have lost the factor. Then your password is the second proof.`,
  silent:
    'The other site has let you in without asking you who you are. Sign out there, then sign in here with it again; with your password, that is enough.',
  delay: {
    title: 'Wait, and sign in without it',
    lead: (from: string) =>
      `From ${from} your password alone lets you in. Until then we tell you every day, by mail and on each device that is signed in, and anyone who is told can stop it.`,
    button: 'Start waiting',
  },
  waiting: {
    title: 'You have asked to sign in without it',
    lead: (from: string) =>
      `That is possible from ${from}. Come back then, sign in with the same password, and say again that you have lost the factor. A new password, or a sign-in with the factor, ends the waiting.`,
  },
  due: {
    title: 'You can sign in without it now',
    lead: (until: string) =>
      `Press the button, and your second factors are removed, and you are signed out everywhere else. Then set up new ones at once. This is possible until ${until}.`,
    button: 'Remove them and sign in',
  },
  nothing:
    'This site cannot find out by itself that it is you. Contact its operator, who can remove the factors of an account.',
  nothingElse:
    'If none of this helps, contact the operator of the site, who can remove the factors of an account.',
  notPossible: 'That is not possible for this sign-in, or something has changed meanwhile.',
  passwordRefused: 'That password is not right.',
});

/** What every page of a signed-in user says, and the page with the button that stops it. */
export const stopWords = defineWords({
  title: 'Stop the sign-in without a second factor?',
  banner: (from: string) =>
    `A person who knows your password says that your second factor is lost, and can sign in without it from ${from}. If that is not you, stop it.`,
  bannerDue:
    'A person who knows your password can now sign in without your second factor. If that is not you, stop it.',
  lead: (username: string, from: string) =>
    `A person who knows the password of ${username} says that the second factor is lost, and can sign in without it from ${from}.`,
  whatHappens: 'Press the button, and that is not possible any more. Nothing else changes.',
  button: 'Stop it',
  itWasYou: 'It was you, and the factor is still lost? Then close this page; nothing happens.',
  invalid: {
    title: 'This link does not work',
    text: 'The sign-in without a second factor was stopped or completed, or it has run out. If another person is in your account, choose a new password; the mail about the removed factors brings them back.',
    reset: 'Choose a new password',
  },
});

export const emailWords = defineWords({
  factorRecoveryPending: {
    subject: (site: string) => `A request to sign in to your ${site} account without its second factor`,
    lead: (site: string) =>
      `A person who knows the password of your account at ${site} says that its second factor and the recovery codes are lost.`,
    due: (due: string) => `From ${due} the password alone lets that person in.`,
    itWasYou: 'If that was you, wait until then, and sign in with the same password.',
    advice: 'If it was not, stop it at once, and choose a new password: another person knows yours.',
    help: 'Stop it',
  },
  factorRecoveryDue: {
    subject: (site: string) => `Your ${site} account can be entered without its second factor now`,
    lead: (site: string, expires: string) =>
      `As was requested, the password alone lets a person in who has lost the second factor of your account at ${site}, until ${expires}.`,
    itWasYou: 'If that was you, sign in with the password, and set up a second factor again.',
    advice: 'If it was not, stop it at once, and choose a new password: another person knows yours.',
    help: 'Stop it',
  },
  factorRecoveryStopped: {
    subject: (site: string) => `Signing in to your ${site} account without its second factor was stopped`,
    lead: (site: string) =>
      `The request to sign in to your account at ${site} without its second factor was stopped. The factor is asked for as before.`,
    advice: 'If you did not request it, another person knows your password: choose a new one.',
    help: 'Choose a new password',
  },
});

export const eventWords = defineWords({
  factorRecoveryRequested: 'Asked to sign in without the lost second factor',
  factorRecoveryStopped: 'Sign-in without the second factor stopped',
  secondFactorsRecovered: 'Lost second factors removed',
});

export const flashWords = defineWords({
  factorRecoveryRequested: 'We have told every address and every device of yours that you are waiting.',
  factorRecoveryStopped:
    'It is stopped. If you did not request it, another person knows your password: choose a new one.',
  factorRecoveryOver: 'There was nothing to stop any more.',
  factorsRecovered:
    'Your second factors are removed, and you are signed out everywhere else. Set up a new one now.',
});
