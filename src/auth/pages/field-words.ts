import { defineWords } from '../../platform/words/index.ts';

/** Labels of fields that several pages have. */
export const fieldWords = defineWords({
  username: 'Username',
  usernameOrEmail: 'Username or email',
  email: 'Email',
  password: 'Password',
  trapFilled:
    'Your browser or password manager filled in a field that is not shown, as robots do. Nothing is wrong with what you entered: enter your password again and send the form once more.',
});

/** Why an email address is refused. */
export const emailFieldWords = defineWords({
  missing: 'Enter your email address.',
  'not-an-address': 'Enter one email address, such as name@example.org.',
  'too-long': 'That address is too long to receive mail.',
  dots: 'The part before the @ begins or ends with a dot, or has two in a row. Most mail servers refuse such addresses; please use another one.',
  quoted: 'Addresses in quotation marks cannot be used here. Please use another one.',
  characters:
    "The part before the @ has a character that cannot be used here. Possible are letters without accents, digits and the marks . _ - + ' and a few more.",
  domain: 'The part behind the @ is not a domain that mail can be sent to. It looks like example.org.',
  taken: 'There is already an account with this address.',
  blocked: 'Addresses of this provider are not accepted here. Please use another.',
  'not-invited': 'This invitation is for another address. Give the one that it was sent to.',
});

/** Whether an address is confirmed. */
export const emailStateWords = defineWords({ verified: 'confirmed', unverified: 'not confirmed' });

/** The field for the code of a mail. */
export const codeFieldWords = defineWords({
  label: 'Code from the mail',
  hint: 'Eight digits.',
  missing: 'Enter the code from the mail.',
  refused: 'That code is not right, or it has run out.',
  notArrived:
    'Nothing has arrived? Look into the folder for spam, too. Only a few such mails a day go to one mailbox.',
});

/** The links back to pages that many pages have. */
export const backWords = defineWords({
  account: 'Back to your account',
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

/** The checkbox that keeps a session on a device, and links below several forms. */
export const signInFieldWords = defineWords({
  signIn: 'Sign in',
  passwordMissing: 'Enter your password.',
  remember: 'Keep me signed in',
  rememberHint: 'Only on a device that only you use.',
  forgottenPassword: 'Forgot your password?',
});

/** The buttons that continue with an identity provider. */
export const signInButtonWords = defineWords({
  or: 'or',
  continueWith: (provider: string) => `Continue with ${provider}`,
});
