import { defineWords } from '../../platform/words/index.ts';

export const pageWords = defineWords({
  title: 'Codes for signing in',
  lead: 'Besides your password, a sign-in asks for one of ten codes. Print them; each works once.',
  left: (count: number) => `${count} codes are left.`,
  create: 'Create a new list',
  remove: 'Sign in without codes',
  created: 'Your codes',
  keep: 'They are shown once. Keep them where you find them without this device.',
  conflict: 'Another request has changed your codes. Try again.',
  panel: {
    title: 'Codes for signing in',
    text: 'A list of codes on paper, as a second factor.',
    link: 'Manage your codes',
  },
});

export const stepWords = defineWords({
  title: 'Enter a code',
  lead: (username: string) => `Enter any unused code from the list of ${username}.`,
  code: 'Code',
  button: 'Sign in',
  cancel: 'Do not sign in',
  refused: 'This is not one of your unused codes.',
});

export const emailWords = defineWords({
  codesChanged: {
    subject: (site: string) => `The codes of your ${site} account were changed`,
    lead: (site: string) => `The list of codes for signing in to ${site} was created or removed.`,
    advice: 'If that was not you, choose a new password.',
    help: 'Choose a new password',
  },
});

export const eventWords = defineWords({
  codesChanged: 'Codes for signing in created or removed',
  codeRefused: 'Wrong code at sign-in',
});

export const flashWords = defineWords({ codesRemoved: 'A sign-in asks for no code now.' });
