import { z } from 'zod';
import { aboutAccount } from '../../auth/events.ts';
import { defineTokens } from '../../auth/one-time-tokens/token-definition.ts';
import { defineEvents } from '../../platform/events/index.ts';
import { defineEmails, link, moment } from '../../platform/mail/index.ts';
import type { RouteBounds } from '../../platform/rate-limit/index.ts';
import { defineLimits } from '../../platform/rate-limit/index.ts';
import { DAY, HOUR } from '../../platform/runtime/index.ts';
import { defineFlashes } from '../../platform/web/index.ts';
import { emailWords, eventWords, flashWords } from './words.ts';

export const tokens = defineTokens({
  invitation: {
    lifetime: 7 * DAY,
    meaning: 'Create one account, also with `REGISTRATION=invite`.',
    // The only address that the account may have, null for any; and whether it may have a reserved username.
    data: z.object({ email: z.string().nullable(), allowsReserved: z.boolean() }),
  },
});

const registrationRefusal = z.enum([
  'closed',
  'not-invited',
  'invitation-gone',
  /** A field that users do not see was filled in. */
  'robot',
  'invalid-fields',
  'username-taken',
  'email-taken',
]);
export type RegistrationRefusal = z.infer<typeof registrationRefusal>;

const registrations = {
  name: 'latchkey_registrations_total',
  help: 'Registrations by what came of them.',
  label: 'outcome',
};

const aboutInvitation = z.object({ invitationId: z.string() });

export const events = defineEvents(eventWords, {
  registered: {
    data: aboutAccount,
    outcome: 'success',
    counted: { in: registrations, as: 'registered' },
  },
  registrationRefused: {
    data: z.object({ reason: registrationRefusal }),
    outcome: 'failure',
    counted: { in: registrations, by: 'reason' },
  },
  invitationCreated: { data: aboutInvitation, outcome: 'success' },
  invitationRevoked: { data: aboutInvitation, outcome: 'success' },
  invitationSpent: { data: aboutAccount.extend(aboutInvitation.shape), outcome: 'success' },
});

export const flashes = defineFlashes(flashWords, {
  registered: 'success',
  registeredUnconfirmed: 'notice',
});

export const emails = defineEmails(emailWords, {
  invitation: {
    name: 'invitation',
    sent: {
      when: '`latchkey invite create --email ADDRESS --send`',
      to: 'the given address',
      says: 'create an account',
      link: 'link, 7 days',
    },
    data: { page: link, expires: moment },
    hasOccasion: false,
    content: ({ invitation: words }, { siteName, page, expires }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName)],
      action: { label: words.action, address: page },
      expires,
      advice: [words.advice],
    }),
  },
});

export const limits = defineLimits({
  'taken-names': {
    counts: 'registrations from one address that were answered with “taken”',
    rule: { max: 30, window: HOUR },
  },
  'taken-names-of-network': {
    counts: 'the same from one IPv6 /48',
    rule: { max: 120, window: HOUR },
  },
  registrations: {
    counts: 'accounts created from one address',
    rule: { max: 1_000, window: HOUR },
    withProof: { max: 10_000, window: HOUR },
  },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: ['POST /register'],
    costs: 'a hash, an account, a mail',
    bound: '`registrations`, `taken-names`, `taken-names-of-network`, `mails-to-unproven-address`',
  },
];
