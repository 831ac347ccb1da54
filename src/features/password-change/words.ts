import { defineWords } from '../../platform/words/index.ts';

/** The panel of the account page. */
export const passwordPanelWords = defineWords({
  title: 'Password',
  text: 'Change it if another person may know it. You are then signed out everywhere else.',
  link: 'Change your password',
});

export const passwordStandingWords = defineWords({ isSet: 'Set.', none: 'Not set.' });

export const passwordChangeWords = defineWords({
  title: 'Change your password',
  firstTitle: 'Set a password',
  lead: 'You will stay signed in here. Everywhere else you will be signed out.',
  current: 'Current password',
  button: 'Change password',
  firstButton: 'Set password',
  currentMissing: 'Enter your current password.',
  factorRequired: 'Confirm with your second factor first. Nothing was changed.',
  refused: 'Your current password is not right. Nothing was changed.',
});
