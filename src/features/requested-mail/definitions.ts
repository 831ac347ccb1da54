import { z } from 'zod';
import { accountIds } from '../../auth/identifiers/ids.ts';
import { defineLimits } from '../../platform/rate-limit/index.ts';
import { DAY, HOUR } from '../../platform/runtime/index.ts';

/** The limits that mails which users request share; each feature has its own besides. */
export const limits = defineLimits({
  'mails-to-account': {
    counts: 'confirmation mails and codes that a user requested again for one account',
    rule: { max: 5, window: HOUR },
  },
  'mails-from-address': {
    counts: 'the same from one IPv4 address or IPv6 /64',
    rule: { max: 30, window: HOUR },
  },
  'mails-to-unproven-address': {
    counts:
      'mails to one mailbox, from one IPv4 address or IPv6 /48, that its owner may not have wanted: at registration, sent again, at a change of address, or for a reset of an unconfirmed account; beyond it no mail is sent, and the answer is the same',
    rule: { max: 10, window: DAY },
  },
  'mails-to-unproven-mailbox': {
    counts: 'the same from all addresses',
    rule: { max: 30, window: DAY },
  },
  'mails-to-own-unproven-address': {
    counts:
      'such mails requested by a known device of the account of that address, in its session or its pending sign-in; beyond it they count as all others',
    rule: { max: 3, window: DAY },
  },
});

/** The data of a refused request for an email. */
export const aboutRefusedMail = z.object({
  accountId: accountIds.schema.nullable(),
  reason: z.enum(['unknown-account', 'no-address', 'address-unconfirmed', 'account-unusable']),
});
export type MailRefusal = z.infer<typeof aboutRefusedMail>['reason'];
