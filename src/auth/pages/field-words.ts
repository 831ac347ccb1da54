import { defineWords } from '../../platform/words/words.ts';

/** Labels of fields that several pages have. */
export const fieldWords = defineWords({
  username: 'Username',
  usernameOrEmail: 'Username or email',
  email: 'Email',
  password: 'Password',
  optional: '(optional)',
  showPassword: 'Show password',
  severalProblems: (count: number) => `${count} fields need your attention:`,
  /** For those who see the page without its style sheet. */
  trap: 'Leave this field empty',
});

/** The field for a new password, and why one is refused. */
export const newPasswordWords = defineWords({
  label: 'New password',
  hint: (minimum: number) =>
    `At least ${minimum} characters. A few words in a row are strong and easy to remember. Spaces are welcome.`,
  problems: {
    missing: 'Choose a password.',
    tooShort: (minimum: number, given: number) =>
      `That has ${given} ${given === 1 ? 'character' : 'characters'}; use at least ${minimum}. Four or five unrelated words make a good passphrase.`,
    tooLong: 'That is too long. Use at most 1,024 bytes, which is hundreds of characters.',
    illFormed: 'That contains something that is not text. Type it rather than pasting it.',
    common:
      'Attackers try this one early: it is on lists of common and stolen passwords. Try four or five unrelated words.',
    context: (word: string) =>
      `This is little more than “${word}”, which others can guess. Try four or five words that have nothing to do with you.`,
    current: 'This is the password that you have now. Choose another one.',
    repetitive: 'This repeats one short piece or runs along the keyboard. Try four or five unrelated words.',
  },
});

/** The sign-in methods by their names, as every page calls them. */
export const signInMethodWords = defineWords<Readonly<Record<string, string>>>({
  password: 'a password',
  'magic-link': 'a mail',
  external: 'another site',
});
