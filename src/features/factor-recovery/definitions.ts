import { z } from 'zod';
import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { aboutAccount } from '../../auth/events.ts';
import { defineTokens } from '../../auth/one-time-tokens/token-definition.ts';
import { defineEvents } from '../../platform/events/index.ts';
import { defineEmails, link, moment, noticeContent, recipientName } from '../../platform/mail/index.ts';
import { defineLimits, type RouteBounds } from '../../platform/rate-limit/index.ts';
import { DAY } from '../../platform/runtime/index.ts';
import { defineFlashes } from '../../platform/web/index.ts';
import { emails as factorEmails } from '../second-factors/index.ts';
import { emailWords, eventWords, flashWords } from './words.ts';

export const tokens = defineTokens({
  'factor-recovery-stop': {
    lifetime: 14 * DAY,
    meaning: 'Stop the recovery of an account without its second factors.',
    // As what it stops.
    voidedBy: 'password-change',
    // The address that the link was sent to, and the id of the token that permits the recovery.
    data: z.object({ address: z.string(), recoveryId: z.string() }),
    shown: 'address',
  },
});

export const events = defineEvents(eventWords, {
  /** The password was given, and the second factor is said to be lost. */
  factorRecoveryRequested: { data: aboutAccount, outcome: 'success', isChange: true },
  factorRecoveryStopped: {
    data: aboutAccount.extend({ by: z.enum(['mail', 'session', 'sign-in']) }),
    outcome: 'success',
    isChange: true,
  },
  secondFactorsRecovered: {
    data: aboutAccount.extend({ by: z.enum(['delay', 'two-proofs']) }),
    outcome: 'success',
    isChange: true,
  },
});

const everyAddress = 'the account’s confirmed address, and those that it had in the last three days';

export const emails = defineEmails(emailWords, {
  factorRecoveryPending: {
    name: 'factor-recovery-pending',
    sent: {
      when: 'a user who has given the password asks to sign in without the second factors, and daily until that is possible',
      to: everyAddress,
      says: 'from when that will be possible',
      link: 'link that stops it',
    },
    data: { username: recipientName, page: link, due: moment },
    content: ({ factorRecoveryPending: words }, { siteName, page, due }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName), words.due(due)],
      advice: [words.itWasYou, words.advice],
      help: { label: words.help, address: page },
    }),
  },
  factorRecoveryDue: {
    name: 'factor-recovery-due',
    sent: {
      when: 'that is possible, daily until it expires a week later',
      to: everyAddress,
      says: 'until when it is possible',
      link: 'link that stops it',
    },
    data: { username: recipientName, page: link, expires: moment },
    content: ({ factorRecoveryDue: words }, { siteName, page, expires }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName, expires)],
      advice: [words.itWasYou, words.advice],
      help: { label: words.help, address: page },
    }),
  },
  factorRecoveryStopped: {
    name: 'factor-recovery-stopped',
    sent: {
      when: 'that is stopped by a mail, on a signed-in device or by a sign-in with the second factor',
      to: everyAddress,
      says: 'it was stopped',
      link: 'where to choose a new password',
    },
    data: { username: recipientName, page: link },
    content: ({ factorRecoveryStopped: words }, values) => noticeContent(words, values),
  },
});

export const changes = defineCredentialChanges({
  secondFactorsRecovered: {
    name: 'second factors removed because they were lost',
    otherSessions: 'end',
    ownSession: 'begins',
    voids: 'password-change',
    knownDevices: 'forget-others',
    linkedIdentities: 'keep',
    notifies: [factorEmails.secondFactorChanged],
    event: events.secondFactorsRecovered,
  },
});

export const flashes = defineFlashes(flashWords, {
  factorRecoveryRequested: 'notice',
  factorRecoveryStopped: 'success',
  factorRecoveryOver: 'notice',
  factorsRecovered: 'notice',
});

export const limits = defineLimits({
  'factor-recoveries': {
    counts: 'requests to sign in to one account without its second factors, which send mails for days',
    rule: { max: 3, window: 30 * DAY },
  },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: ['POST /login/lost-factor'],
    costs: 'a hash; the change',
    bound: 'needs a pending sign-in by a provider; the limits of a sign-in',
  },
  {
    routes: ['POST /login/lost-factor/request'],
    costs: 'a row, and a mail a day until it expires',
    bound: 'needs a pending sign-in by password; `factor-recoveries`',
  },
  {
    routes: ['POST /login/lost-factor/complete'],
    costs: 'the change, a mail',
    bound: 'needs a pending sign-in by password, and a request that is due; others cost a look-up',
  },
  {
    routes: ['POST /stop-factor-recovery', 'POST /account/stop-factor-recovery'],
    costs: 'a mail, once',
    bound: 'needs a mailed link or a session, and a pending recovery; others cost a look-up',
  },
];
