import { z } from 'zod';
import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { aboutAccount, aboutSession } from '../../auth/events.ts';
import { defineEvents } from '../../platform/events/index.ts';
import { defineEmails, link, recipientName, text } from '../../platform/mail/index.ts';
import type { RouteBounds, TableBounds } from '../../platform/rate-limit/index.ts';
import { defineCookies, defineFlashes } from '../../platform/web/index.ts';
import { emails as factorEmails } from '../second-factors/index.ts';
import { emailWords, eventWords, flashWords } from './words.ts';

export const cookies = defineCookies({
  codes: 'New recovery codes, sealed, for the page that shows them, for at most ten minutes.',
});

export const events = defineEvents(eventWords, {
  recoveryCodesReplaced: { data: aboutSession, outcome: 'success', isChange: true },
  recoveryCodeUsed: { data: aboutAccount.extend({ left: z.number() }), outcome: 'success', isChange: true },
});

export const flashes = defineFlashes(flashWords, {
  recoveryCodeUsed: 'notice',
  recoveryCodesReplaced: 'success',
  factorFirst: 'notice',
});

export const emails = defineEmails(emailWords, {
  recoveryCodeUsed: {
    name: 'recovery-code-used',
    sent: {
      when: 'a recovery code is used instead of the second factor',
      says: 'a code was used, and how many are left',
      link: 'where to choose a new password',
    },
    data: { username: recipientName, page: link, left: text },
    content: ({ recoveryCodeUsed: words }, { siteName, page, left }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName), words.left(left)],
      advice: [words.advice],
      help: { label: words.help, address: page },
    }),
  },
});

export const changes = defineCredentialChanges({
  recoveryCodesReplaced: {
    name: 'recovery codes replaced',
    // Codes that others may have seen are why a list is replaced, and a session of theirs may have begun with one.
    otherSessions: 'end',
    ownSession: 'new token',
    voids: 'password-change',
    knownDevices: 'forget-others',
    linkedIdentities: 'keep',
    notifies: [factorEmails.secondFactorChanged],
    event: events.recoveryCodesReplaced,
  },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: ['POST /account/recovery-codes'],
    costs: 'eleven rows, a mail',
    bound: 'needs fresh authentication; ends all other sessions',
  },
  {
    routes: ['POST /login/recovery-codes'],
    costs: 'a session',
    bound: 'needs a pending sign-in that has set up a second factor',
  },
  {
    routes: ['POST /login/recovery-code'],
    costs: 'a comparison, a session, a mail',
    bound: '`second-factor`, `second-factor-device`',
  },
];

/** For docs/limits.md. */
export const tables = {
  recovery_codes: {
    createdBy: 'a first second factor, a new list',
    perClient: 'as its sessions',
    perOwner: 'ten',
    deleted: 'with the list, with the last second factor, and with the account',
  },
} satisfies Readonly<Record<string, TableBounds>>;
