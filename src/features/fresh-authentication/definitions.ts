import { z } from 'zod';
import { aboutSession } from '../../auth/events.ts';
import { sessionIds } from '../../auth/identifiers/ids.ts';
import { defineTokens } from '../../auth/one-time-tokens/token-definition.ts';
import { defineEvents } from '../../platform/events/index.ts';
import { defineEmails, moment, recipientName, text } from '../../platform/mail/index.ts';
import type { RouteBounds } from '../../platform/rate-limit/index.ts';
import { MINUTE } from '../../platform/runtime/index.ts';
import { defineFlashes } from '../../platform/web/index.ts';
import { emailWords, eventWords, flashWords } from './words.ts';

export const tokens = defineTokens({
  'identity-code': {
    lifetime: 10 * MINUTE,
    meaning: 'Authenticate again by a code, in the session that requested it.',
    voidedBy: 'password-change',
    data: z.object({ address: z.string(), sessionId: sessionIds.schema, code: z.string() }),
    shown: 'address',
  },
});

export const events = defineEvents(eventWords, {
  /** The user authenticated again, for a sensitive action. */
  identityConfirmed: { data: aboutSession, outcome: 'success', isChange: true },
});

export const flashes = defineFlashes(flashWords, {
  identityCodeSent: 'success',
  exportConfirmed: 'success',
});

export const emails = defineEmails(emailWords, {
  identityCode: {
    name: 'identity-code',
    sent: {
      when: 'a signed-in user without a password, whose providers cannot authenticate again, wants a sensitive action',
      to: 'the account’s confirmed address',
      says: 'a code to authenticate again',
      link: 'code, 10 minutes',
    },
    data: { username: recipientName, code: text, expires: moment },
    content: ({ identityCode: words }, { siteName, code, expires }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName)],
      code: { before: words.code, code },
      expires,
      advice: [words.advice],
    }),
  },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: ['POST /account/confirm'],
    costs: 'a hash, a mail',
    bound: 'failures: `session`; successes: `right-passwords`',
  },
  {
    routes: ['POST /account/confirm-by-mail'],
    costs: 'a mail to a confirmed address',
    bound: '`mails-to-account`, `mails-from-address`',
  },
  {
    routes: ['POST /account/confirm-by-mail/code'],
    costs: 'a comparison',
    bound: 'failures: `session`; successes: `right-passwords`',
  },
];
