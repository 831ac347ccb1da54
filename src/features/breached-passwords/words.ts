import { defineWords } from '../../platform/words/index.ts';

export const breachedPasswordWords = defineWords({
  title: 'Choose another password',
  lead: (username: string) =>
    `The password of ${username} is right, but it is known from a data leak: attackers have it on their lists and may try it here. Choose another one to go on.`,
  elsewhere:
    'You will then be signed out everywhere else. If you use the old password on other sites, change it there, too.',
  button: 'Change password and sign in',
  cancel: 'Do not sign in',
});
