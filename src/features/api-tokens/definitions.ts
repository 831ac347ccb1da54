import { z } from 'zod';
import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { aboutAccount } from '../../auth/events.ts';
import { accountIds } from '../../auth/identifiers/ids.ts';
import { defineEvents } from '../../platform/events/index.ts';
import { defineEmails, link, recipientName, text } from '../../platform/mail/index.ts';
import { defineLimits, type RouteBounds, type TableBounds } from '../../platform/rate-limit/index.ts';
import { MINUTE } from '../../platform/runtime/index.ts';
import { defineFlashes } from '../../platform/web/index.ts';
import { apiTokenIds } from './api-token.ts';
import { emailWords, eventWords, flashWords } from './words.ts';

/** How many tokens an account can have at once. */
export const MOST_TOKENS = 50;

const aboutToken = aboutAccount.extend({ tokenId: apiTokenIds.schema });

/**
 * `unknown`: it never existed, was revoked, or was not written here. `scopes-undefined`: it is limited, and the
 * application no longer knows to what, so that it must not open everything.
 */
const tokenRefusal = z.enum([
  'unknown',
  'expired',
  'account-unusable',
  'scopes-undefined',
  'second-factor-missing',
]);
export type TokenRefusalReason = z.infer<typeof tokenRefusal>;

export const events = defineEvents(eventWords, {
  apiTokenCreated: { data: aboutToken, outcome: 'success', isChange: true },
  apiTokenRevoked: { data: aboutToken, outcome: 'success', isChange: true },
  apiTokensRevoked: {
    data: aboutAccount.extend({ count: z.number() }),
    outcome: 'success',
    isChange: true,
  },
  /** What was presented has the shape of a token, and is none that works. */
  apiTokenRefused: {
    data: z.object({ accountId: accountIds.schema.nullable(), reason: tokenRefusal }),
    outcome: 'failure',
  },
});

export const emails = defineEmails(emailWords, {
  apiTokenCreated: {
    name: 'api-token-created',
    sent: {
      when: 'an API token is created, or a device is allowed to get one',
      says: 'a program can use the account',
      link: 'where to revoke it',
    },
    data: { username: recipientName, page: link, token: text },
    content: ({ apiTokenCreated: words }, { siteName, page, token }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName, token)],
      advice: [words.advice],
      help: { label: words.help, address: page },
    }),
  },
});

export const changes = defineCredentialChanges({
  apiTokenCreated: {
    name: 'API token created',
    otherSessions: 'stay',
    // The session has changed how the account can be used.
    ownSession: 'new token',
    voids: [],
    knownDevices: 'keep',
    linkedIdentities: 'keep',
    notifies: [emails.apiTokenCreated],
    event: events.apiTokenCreated,
  },
});

export const flashes = defineFlashes(flashWords, {
  tokenRevoked: 'success',
  tokenNotFound: 'notice',
  tokensRevoked: 'success',
});

export const limits = defineLimits({
  'wrong-api-tokens': {
    counts:
      'API tokens that do not work, from one IPv4 address or IPv6 /64; beyond it they are answered with 429, and those that work are admitted',
    rule: { max: 100, window: 15 * MINUTE },
  },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: ['POST /account/tokens/new'],
    costs: 'a row, a mail',
    bound: `${MOST_TOKENS} / account; needs fresh authentication`,
  },
  {
    routes: ['POST /account/tokens/revoke', 'POST /account/tokens/revoke-all'],
    costs: 'deletes rows',
    bound: 'only rows of the user',
  },
];

/** For docs/limits.md. */
export const tables = {
  api_tokens: {
    createdBy: 'the user, an allowed device, or the application',
    perClient: 'as its sessions',
    perOwner: `${MOST_TOKENS} tokens`,
    deleted: 'when it is revoked or expires, when a change ends other sessions, and with the account',
  },
} satisfies Readonly<Record<string, TableBounds>>;
