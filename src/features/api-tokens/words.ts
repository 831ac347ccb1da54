import type { EventDetails } from '../../platform/events/index.ts';
import { defineWords } from '../../platform/words/index.ts';

/** The panel of the account page. */
export const tokensPanelWords = defineWords({
  title: 'API tokens',
  text: 'Programs and devices that can use your account, and a way to revoke each of them.',
  link: 'See your API tokens',
});

export const tokensStandingWords = defineWords({
  tokens: (count: number) => (count === 0 ? 'None.' : count === 1 ? 'One token.' : `${count} tokens.`),
});

export const tokensWords = defineWords({
  title: 'API tokens',
  lead: 'A program that has one of these tokens can act as you until it expires, you revoke it, or you change your password. It cannot change your password, address or other settings here.',
  none: 'No program has a token of yours.',
  create: 'Create a token',
  created: 'Created',
  expires: 'Expires',
  lastUsed: 'Last used',
  never: 'Never',
  scopes: 'May',
  revoke: 'Revoke',
  revokeAll: 'Revoke all',
});

export const newTokenWords = defineWords({
  title: 'Create an API token',
  lead: 'It lets a program act as you. Give each program a token of its own, so that you can revoke one without the others.',
  name: 'Name',
  nameHint: 'What you will know it by, such as “Backup script”.',
  nameInvalid: (most: number) => `Give it a name of 1 to ${most} characters.`,
  expires: 'Expires after',
  days: (days: number) => `${days} ${days === 1 ? 'day' : 'days'}`,
  expiryUnknown: 'Choose one of these.',
  scopes: 'It may',
  scopesHint: 'Choose only what the program needs.',
  scopeMissing: 'Choose at least one thing that it may do.',
  tooMany: (most: number) => `You have ${most} tokens already. Revoke one first.`,
  sessionEnded: 'You have been signed out meanwhile. Sign in again.',
  button: 'Create token',
  back: 'Back to your tokens',
});

/** The one page that shows a token. */
export const createdTokenWords = defineWords({
  title: 'Your new API token',
  lead: (name: string) =>
    `This is the token “${name}”. It is shown only now: copy it to where the program reads it.`,
  label: 'Token',
  secrecy:
    'Anyone who has it can act as you. Never send it to another person, and keep it out of your source code.',
  done: 'I have copied it',
});

export const emailWords = defineWords({
  apiTokenCreated: {
    subject: (site: string) => `A program can use your ${site} account`,
    lead: (site: string, token: string) =>
      `The API token “${token}” was created for your account at ${site}. A program that has it can act as you.`,
    advice:
      'If that was not you, revoke it and choose a new password, which ends every session and revokes every token.',
    help: 'See your API tokens',
  },
});

export const eventWords = defineWords({
  apiTokenCreated: 'API token created',
  apiTokenRevoked: 'API token revoked',
  apiTokensRevoked: ({ count }: EventDetails) =>
    count === undefined ? 'All API tokens revoked' : `All API tokens revoked: ${count}`,
  apiTokenRefused: 'An API token that does not work was used',
});

export const flashWords = defineWords({
  tokenRevoked: 'That token no longer works.',
  tokenNotFound: 'That token was revoked already, or has expired.',
  tokensRevoked: (count: number) =>
    count === 0 ? 'You had no tokens.' : `Revoked: ${count} ${count === 1 ? 'token' : 'tokens'}.`,
});
