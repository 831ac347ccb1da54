import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { aboutAccount } from '../../auth/events.ts';
import { defineEvents } from '../../platform/events/index.ts';
import { defineEmails, link, noticeContent, recipientName } from '../../platform/mail/index.ts';
import type { RouteBounds } from '../../platform/rate-limit/index.ts';
import { defineFlashes } from '../../platform/web/index.ts';
import { emails as resetEmails } from '../password-reset/index.ts';
import { tokens } from '../second-factors/index.ts';
import { emailWords, eventWords, flashWords } from './words.ts';

export const events = defineEvents(eventWords, {
  /** By the link of a mail; all sessions ended, and the password was disabled. */
  secondFactorChangeUndone: { data: aboutAccount, outcome: 'success', isChange: true },
});

export const emails = defineEmails(emailWords, {
  secondFactorChangeUndone: {
    name: 'second-factor-change-undone',
    sent: {
      when: 'a change of second factors is undone by the link of a mail',
      to: 'the account’s confirmed address, and those that it had in the last three days',
      says: 'the account has the second factors of before; every session ended and the password was disabled',
      link: 'where to choose a new password',
    },
    data: { username: recipientName, page: link },
    content: ({ secondFactorChangeUndone: words }, values) => noticeContent(words, values),
  },
});

export const changes = defineCredentialChanges({
  secondFactorChangeUndone: {
    name: 'change of second factors undone',
    otherSessions: 'end',
    ownSession: 'ends',
    voids: 'recovery',
    // The change itself, and those after it: an attacker in the account may have made all of them.
    voidsLater: tokens['second-factor-undo'],
    knownDevices: 'forget-all',
    linkedIdentities: 'remove-all',
    notifies: [resetEmails.resetPassword, emails.secondFactorChangeUndone],
    event: events.secondFactorChangeUndone,
  },
});

export const flashes = defineFlashes(flashWords, {
  factorChangeUndone: 'success',
  factorChangeUndoneElsewhere: 'notice',
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: ['POST /undo-second-factor-change'],
    costs: 'the change that the link permits, once',
    bound: 'needs a mailed link; others cost a look-up',
  },
];
