import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { aboutAccount, aboutSession } from '../../auth/events.ts';
import { defineEvents } from '../../platform/events/index.ts';
import { defineEmails, link, recipientName } from '../../platform/mail/index.ts';
import { defineLimits } from '../../platform/rate-limit/index.ts';
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
    data: { username: recipientName, page: link },
    content: ({ codesChanged: words }, { siteName, page }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName)],
      advice: [words.advice],
      help: { label: words.help, address: page },
    }),
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
