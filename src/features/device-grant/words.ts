import { defineWords } from '../../platform/words/index.ts';

/** The page on which a user types the code of a device. */
export const codeWords = defineWords({
  title: 'Connect a device',
  lead: 'Enter the code that your program or device shows.',
  code: 'Code',
  codeHint: 'Eight letters, such as WDJB-MJHT.',
  missing: 'Enter the code that your device shows.',
  refused: 'This code is not right, was used already, or has expired. Have your device show another one.',
  button: 'Continue',
  warning:
    'Only enter a code that you see on your own device, from a program that you have just started. If another person sent you a code or a link to this page, they want to get into your account.',
});

/** The page on which a user decides. */
export const confirmWords = defineWords({
  title: 'Allow access to your account?',
  lead: (client: string, username: string) => `${client} wants to act as ${username}.`,
  code: 'Its code',
  codeHint: 'It must be the one that your device shows now.',
  scopes: 'It may',
  everything: 'do everything that programs can do with your account',
  device: 'Asked by',
  unknownDevice: 'an unknown program',
  from: 'From',
  unknownAddress: 'an unknown address',
  place: (place: string) => `about ${place}`,
  asked: 'When',
  warning:
    'Did you start this yourself, on a device in front of you? If another person asked you to come here, choose “Do not allow”: they would get into your account.',
  allow: 'Allow',
  deny: 'Do not allow',
  undecided: 'Choose one of the buttons.',
  tooMany: (most: number) => `You have ${most} API tokens already. Revoke one first, and then come back.`,
});

export const eventWords = defineWords({
  deviceAllowed: 'A device was allowed to use the account',
  deviceDenied: 'A device was not allowed to use the account',
  deviceCodeRefused: 'A wrong code of a device was entered',
});

export const flashWords = defineWords({
  deviceAllowed: 'It is allowed. Go back to your device; you can close this page.',
  deviceDenied: 'It was not allowed, and gets no access.',
  deviceRequestClosed:
    'That request has been decided already, or has expired. Have your device show another code.',
});
