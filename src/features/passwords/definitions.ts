import { z } from 'zod';
import { aboutAccount } from '../../auth/events.ts';
import { sessionIds } from '../../auth/identifiers/ids.ts';
import { defineEvents } from '../../platform/events/index.ts';
import { defineEmails, link, list, recipientName } from '../../platform/mail/index.ts';
import type { TableBounds } from '../../platform/rate-limit/index.ts';
import { defineFlashes } from '../../platform/web/index.ts';
import { emailWords, eventWords, flashWords } from './words.ts';

export const events = defineEvents(eventWords, {
  /** `sessionId` is the session of the change; null at a required step of a sign-in. */
  passwordChanged: {
    data: aboutAccount.extend({ sessionId: sessionIds.schema.nullable() }),
    outcome: 'success',
    isChange: true,
  },
  /** The password was accepted without the check. */
  breachCheckFailed: { data: z.object({ reason: z.string() }), outcome: 'failure' },
});

export const flashes = defineFlashes(flashWords, {
  passwordChanged: 'success',
  passwordSet: 'success',
  outerSpace: 'notice',
});

export const emails = defineEmails(emailWords, {
  passwordChanged: {
    name: 'password-changed',
    sent: {
      when: 'a password is changed, reset, or replaced because it was breached',
      says: 'the password was changed; which providers were disconnected, and which still sign in',
      link: 'where to recover the account',
    },
    /** `otherWays` still sign in without a password; `disconnected` were removed by the change. */
    data: { username: recipientName, page: link, otherWays: list, disconnected: list },
    content: ({ passwordChanged: words }, { siteName, page, otherWays, disconnected }) => ({
      subject: words.subject(siteName),
      lead: [
        words.lead(siteName),
        ...(disconnected === '' ? [] : [words.disconnected(disconnected)]),
        ...(otherWays === '' ? [] : [words.otherWays(otherWays)]),
      ],
      advice: [words.advice],
      help: { label: words.help, address: page },
    }),
  },
});

/** For docs/limits.md. */
export const tables = {
  passwords: {
    createdBy: 'a registration, a first password',
    perClient: 'as `accounts`',
    perOwner: 'one',
    deleted: 'when it is removed beside passkeys, and with the account',
  },
} satisfies Readonly<Record<string, TableBounds>>;
