import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { aboutAccount, aboutSession } from '../../auth/events.ts';
import { defineEvents } from '../../platform/events/index.ts';
import { defineEmails, link, noticeContent, recipientName } from '../../platform/mail/index.ts';
import { defineLimits, type RouteBounds, type TableBounds } from '../../platform/rate-limit/index.ts';
import { HOUR } from '../../platform/runtime/index.ts';
import { defineFlashes } from '../../platform/web/index.ts';
import { emailWords, eventWords, flashWords } from './words.ts';

export const events = defineEvents(eventWords, {
  codesChanged: { data: aboutSession, outcome: 'success', isChange: true },
  codeRefused: { data: aboutAccount, outcome: 'failure' },
});

export const flashes = defineFlashes(flashWords, {
  codesRemoved: 'success',
});

export const limits = defineLimits({
  'listed-codes': {
    counts: 'wrong codes for one account, from all sessions',
    rule: { max: 5, window: HOUR },
  },
});

export const emails = defineEmails(emailWords, {
  codesChanged: {
    name: 'codes-changed',
    sent: {
      when: 'a list of codes is created or removed',
      says: 'the codes were changed',
      link: 'where to choose a new password',
    },
    data: { username: recipientName, page: link },
    content: ({ codesChanged: words }, values) => noticeContent(words, values),
  },
});

export const changes = defineCredentialChanges({
  codesChanged: {
    name: 'list of codes created or removed',
    otherSessions: 'end',
    ownSession: 'new token',
    voids: 'password-change',
    knownDevices: 'forget-others',
    linkedIdentities: 'keep',
    notifies: [emails.codesChanged],
    event: events.codesChanged,
  },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: ['POST /account/codes'],
    costs: 'ten rows, a mail',
    bound: 'as the change of a password',
  },
  { routes: ['POST /login/listed-code'], costs: 'a comparison, a session', bound: '`listed-codes`' },
];

/** For docs/limits.md. */
export const tables = {
  listed_codes: {
    createdBy: 'a list of codes',
    perClient: 'as its sessions',
    perOwner: 'ten codes',
    deleted: 'when a code is used, with the list, and with the account',
  },
} satisfies Readonly<Record<string, TableBounds>>;
