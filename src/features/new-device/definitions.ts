import { z } from 'zod';
import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { aboutAccount } from '../../auth/events.ts';
import { defineTokens } from '../../auth/one-time-tokens/token-definition.ts';
import { defineEvents } from '../../platform/events/index.ts';
import { defineEmails, link, moment, recipientName } from '../../platform/mail/index.ts';
import type { RouteBounds } from '../../platform/rate-limit/index.ts';
import { defineLimits } from '../../platform/rate-limit/index.ts';
import { DAY, HOUR } from '../../platform/runtime/index.ts';
import { defineFlashes } from '../../platform/web/index.ts';
import { emails as resetEmails } from '../password-reset/index.ts';
import { emailWords, eventWords, flashWords } from './words.ts';

export const tokens = defineTokens({
  'unrecognised-sign-in': {
    lifetime: 7 * DAY,
    meaning: 'Report an unrecognised sign-in: end all sessions, disable the password, send a reset mail.',
    data: z.object({ address: z.string() }),
    shown: 'address',
  },
});

export const events = defineEvents(eventWords, {
  /** The owner reported a sign-in as not their own. */
  signInReported: { data: aboutAccount, outcome: 'success', isChange: true },
});

export const emails = defineEmails(emailWords, {
  signedInFromNewDevice: {
    name: 'signed-in-from-new-device',
    sent: {
      when: 'a sign-in with an unknown browser or from an unknown network',
      says: 'a sign-in with another browser or from another network',
      link: '“This was not me”, 7 days',
    },
    data: { username: recipientName, page: link, expires: moment },
    content: ({ signedInFromNewDevice: words }, { siteName, page, expires }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName)],
      advice: [words.itWasYou, words.advice(expires)],
      help: { label: words.help, address: page },
    }),
  },
});

export const changes = defineCredentialChanges({
  signInReported: {
    name: 'unrecognised sign-in reported',
    otherSessions: 'end',
    ownSession: 'ends',
    voids: 'recovery',
    knownDevices: 'forget-all',
    linkedIdentities: 'remove-all',
    notifies: [resetEmails.resetPassword],
    event: events.signInReported,
  },
});

export const flashes = defineFlashes(flashWords, {
  signInReported: 'notice',
});

export const limits = defineLimits({
  'new-device-mails': {
    counts: 'mails to one account about sign-ins with other browsers; beyond it none is sent',
    rule: { max: 20, window: HOUR },
  },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: ['POST /not-me'],
    costs: 'the change that the link permits, once',
    bound: 'needs a mailed link; others cost a look-up',
  },
];
