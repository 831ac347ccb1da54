import { defineWords } from '../../platform/words/index.ts';

export const registrationWords = defineWords({
  title: 'Create an account',
  lead: 'A name and a passphrase are all it takes.',
  requiredEmailLead: 'A name, an address to confirm, and a passphrase are all it takes.',
  button: 'Create account',
  haveAccount: 'Already have an account?',
  signIn: 'Sign in',
  usernameHint: "3 to 64 letters, digits, spaces or marks (. _ - + and '). Others may see it.",
  emailHint: 'You can sign in with it, too.',
  requiredEmailHint: 'You will get a mail to confirm it. Until then, sign in with your username.',
  invitedLead: 'You were invited. A name and a passphrase are all it takes.',
  invitedAddressLead: 'You were invited. Give the email address that the invitation was sent to.',
  invitedEmailHint: 'No other address is accepted. You can sign in with it, too.',
  formTooOld:
    'This page was open for more than a day. Please enter your password again and send it once more.',
  withoutInvitation: 'Continue without the invitation',
});

/** Why a visitor may not register. */
export const entryWords = defineWords({
  closed: {
    title: 'Registration is closed',
    text: 'New accounts cannot be created here at the moment. If you should have one, ask the operator of this site.',
  },
  'not-invited': {
    title: 'Registration is by invitation',
    text: 'You need an invitation to create an account here. If you have one, open its link. If you should have one, ask the operator of this site.',
  },
  'invitation-gone': {
    title: 'This invitation does not work',
    text: 'It may have been used already, have expired or have been revoked. Ask its sender for another one.',
  },
});

/** Why a username is refused. */
export const usernameWords = defineWords({
  missing: 'Choose a username.',
  'too-short': 'That is too short. Use at least 3 characters.',
  'too-long': 'That is too long. Use at most 64 characters.',
  'at-sign': 'A username cannot contain @. Your email address has a field of its own.',
  'unusable-character':
    "Use letters, digits, single spaces and the marks . _ - + and '. Symbols, emoji and invisible characters are not possible.",
  'mixed-scripts': 'Use letters of one alphabet only, so that no other user can imitate your name.',
  lookalike: 'This could be mistaken for a name in Latin letters. Please choose another.',
  taken: 'This username is already taken. Please choose another.',
  reserved: 'This username is reserved. Please choose another.',
});

export const emailWords = defineWords({
  invitation: {
    subject: (site: string) => `You are invited to ${site}`,
    lead: (site: string) => `You are invited to create an account at ${site}.`,
    action: 'Create your account',
    advice: 'If you do not want one, you can ignore this mail.',
  },
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

export const eventWords = defineWords({
  registered: 'Account created',
  registrationRefused: 'Registration refused',
  invitationCreated: 'Invitation made',
  invitationRevoked: 'Invitation revoked',
  invitationSpent: 'Registered by invitation',
});

export const flashWords = defineWords({
  registered: 'Registration successful! You can sign in now.',
  registeredUnconfirmed:
    'Registration successful! We have sent you a mail. Please open its link to confirm your address, then sign in. Until then, your username signs you in, and your address does not.',
});
