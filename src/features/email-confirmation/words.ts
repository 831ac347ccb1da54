import { defineWords } from '../../platform/words/index.ts';

/** The words of the pages on which users confirm their address. */
export const emailConfirmationWords = defineWords({
  title: 'Confirm your email address',
  sentTo: 'We have sent a mail to',
  howTo: 'Open its link, or enter its code.',
  codeVoid: 'That code was tried too often and no longer works. Have another mail sent.',
  confirmCode: 'Confirm',
  hadAccount: 'Did you have an account with this address before?',
  chooseNewPassword: 'Choose a new password for it',
  resend: 'Send another mail',
  cancel: 'Do not sign in',
  linkLead: (username: string) =>
    `This is the address of the account ${username}. Press the button, and it is confirmed to be yours.`,
  linkElsewhereLead:
    'You have opened the link in another browser than the one in which the account was made. Enter the password of that account, so that no other person creates an account in your name.',
  linkWithoutPassword:
    'You have opened the link in another browser than the one in which the account was made, and the account has no password. Enter the code of the mail in that browser, or sign in to the account here and open the link again.',
  notYours: 'You have made no account here? Then close this page; nothing happens.',
  confirmLink: 'Confirm this address',
  passwordMissing: 'Enter your password.',
  passwordRefused: 'That password is not right.',
  invalid: {
    title: 'This link does not work',
    text: 'It may have been used already: then your address is confirmed, and you can sign in. Or it has run out, or a newer mail was sent: then sign in, and have another one sent.',
    signIn: 'Sign in',
  },
  back: 'Back to your account',
});

export const emailWords = defineWords({
  confirmAddress: {
    subject: (site: string) => `Confirm your email address for ${site}`,
    lead: (site: string) => `This address was entered at ${site}. Please confirm that it is yours.`,
    action: 'Confirm this address',
    code: 'Or type this code where you are asked for it:',
    advice: 'If that was not you, you can ignore this mail; nothing happens without you.',
  },
  registrationAttempted: {
    subject: (site: string) => `You already have an account at ${site}`,
    lead: (site: string) =>
      `We received a request to create an account at ${site} with this address. You already have one, so no other was created.`,
    action: 'Sign in',
    advice: 'If that was not you, there is nothing to do. If it was, and you have forgotten your password:',
    help: 'Choose a new password',
  },
});

export const eventWords = defineWords({
  addressConfirmed: 'Email address confirmed',
  addressNotConfirmed: 'A wrong code or password was given to confirm the email address',
});

export const flashWords = defineWords({
  addressConfirmed: 'Thank you. Your address is confirmed.',
  confirmationSent: 'We have sent you another mail. Links and codes from before no longer work.',
});
