import { z } from 'zod';
import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { aboutAccount, aboutSession } from '../../auth/events.ts';
import { sessionIds } from '../../auth/identifiers/ids.ts';
import { defineTokens } from '../../auth/one-time-tokens/token-definition.ts';
import { defineEvents } from '../../platform/events/index.ts';
import { defineEmails, link, moment, noticeContent, recipientName, text } from '../../platform/mail/index.ts';
import { defineLimits, type RouteBounds, type TableBounds } from '../../platform/rate-limit/index.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../platform/runtime/index.ts';
import { defineFlashes } from '../../platform/web/index.ts';
import { emailWords, eventWords, flashWords } from './words.ts';

/** The session is null where a sign-in has set the factor up before it began one. */
const aboutFactor = aboutAccount.extend({ sessionId: sessionIds.schema.nullable(), factor: z.string() });

export const events = defineEvents(eventWords, {
  secondFactorAdded: { data: aboutFactor, outcome: 'success', isChange: true },
  secondFactorRemoved: { data: aboutFactor, outcome: 'success', isChange: true },
  secondFactorReplaced: { data: aboutFactor, outcome: 'success', isChange: true },
  /** The policy has ended a session without a second factor. */
  secondFactorOverdue: { data: aboutSession, outcome: 'success' },
  /** By the operator, who gives the reason. */
  secondFactorsReset: {
    data: aboutAccount.extend({ factors: z.number(), reason: z.string() }),
    outcome: 'success',
    isChange: true,
  },
});

export const flashes = defineFlashes(flashWords, {
  confirmAddressForFactor: 'notice',
});

export const limits = defineLimits({
  'second-factor': {
    counts:
      'wrong codes for one account and one second factor, from browsers that the account does not know, in every sign-in and session',
    rule: { free: 5, firstWait: 30 * SECOND, longestWait: HOUR, memory: DAY },
  },
  'second-factor-device': {
    counts: 'the same from a known device of the account',
    rule: { free: 10, firstWait: 30 * SECOND, longestWait: 15 * MINUTE, memory: DAY },
  },
});

export const emails = defineEmails(emailWords, {
  secondFactorChanged: {
    name: 'second-factor-changed',
    sent: {
      when: 'a second factor is added or removed, or recovery codes are replaced',
      to: 'the account’s confirmed address, and those that it had in the last three days',
      says: 'what was changed',
      link: 'link that undoes it, 3 days',
    },
    data: { username: recipientName, page: link, change: text, expires: moment },
    content: ({ secondFactorChanged: words }, { siteName, page, change, expires }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName), change],
      advice: [words.itWasYou, words.advice(expires)],
      help: { label: words.help, address: page },
    }),
  },
  secondFactorTried: {
    name: 'second-factor-tried',
    sent: {
      when: 'wrong codes of a second factor have reached their limit, at most once a day',
      says: 'who tries them has passed the first factor',
      link: 'where to choose a new password',
    },
    data: { username: recipientName, page: link },
    content: ({ secondFactorTried: words }, values) => noticeContent(words, values),
  },
  secondFactorsReset: {
    name: 'second-factors-reset',
    sent: {
      when: '`latchkey user reset-factors`, or `users.resetFactors` of an application',
      says: 'the second factors were removed',
    },
    data: { username: recipientName },
    content: ({ secondFactorsReset: words }, values) => noticeContent(words, values),
  },
  secondFactorRequired: {
    name: 'second-factor-required',
    sent: {
      when: 'the grace period of an account that needs a second factor (`MFA`) begins',
      says: 'until when the account works without one',
      link: 'where to set it up',
    },
    data: { username: recipientName, page: link, until: moment },
    hasOccasion: false,
    content: ({ secondFactorRequired: words }, values) => policyContent(words, values),
  },
  secondFactorDue: {
    name: 'second-factor-due',
    sent: {
      when: 'a day before that grace period ends, if it has at least two and the account has no second factor',
      says: 'until when the account works without one',
      link: 'where to set it up',
    },
    data: { username: recipientName, page: link, until: moment },
    hasOccasion: false,
    content: ({ secondFactorDue: words }, values) => policyContent(words, values),
  },
});

type PolicyWords = Readonly<Record<'action' | 'advice', string>> & {
  readonly subject: (site: string) => string;
  readonly lead: (site: string) => string;
  readonly until: (until: string) => string;
};

function policyContent(
  words: PolicyWords,
  { siteName, page, until }: { readonly siteName: string; readonly page: string; readonly until: string },
) {
  return {
    subject: words.subject(siteName),
    lead: [words.lead(siteName), words.until(until)],
    action: { label: words.action, address: page },
    advice: [words.advice],
  };
}

export const tokens = defineTokens({
  'second-factor-undo': {
    lifetime: 3 * DAY,
    meaning:
      'Give the account the second factors that it had before a change, end all sessions, disable the password and start a password reset.',
    // The address that the link was sent to, and the time of the change.
    data: z.object({ address: z.string(), since: z.number() }),
    shown: 'address',
  },
  // No mail contains it. It lasts until a week after `MFA_RECOVERY_DELAY`.
  'factor-recovery': {
    lifetime: 14 * DAY,
    meaning:
      'Remove the second factors of the account after `MFA_RECOVERY_DELAY`, in a sign-in with its password. No mail contains it.',
    voidedBy: 'password-change',
    data: z.object({}),
  },
});

export const changes = defineCredentialChanges({
  secondFactorsReset: {
    name: 'second factors removed by the operator',
    otherSessions: 'end',
    ownSession: 'ends',
    // The owner has asked for it: links on their way stay good, and browsers known. What a mail could restore is lost.
    voids: [tokens['second-factor-undo'], tokens['factor-recovery']],
    knownDevices: 'keep',
    linkedIdentities: 'keep',
    notifies: [emails.secondFactorsReset],
    event: events.secondFactorsReset,
  },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: ['POST /login/second-factor', 'POST /login/second-factor-setup'],
    costs: 'a look-up',
    bound: 'needs a pending sign-in',
  },
];

/** For docs/limits.md. */
export const tables = {
  second_factors: {
    createdBy: 'a second factor that a user sets up',
    perClient: 'as its sessions',
    perOwner: 'one of each kind',
    deleted: 'when it is removed, and with the account',
  },
  factor_recoveries: {
    createdBy: 'a user who has lost the second factor, in a sign-in',
    perClient: '`factor-recoveries`',
    perOwner: 'one',
    deleted: 'when it is stopped or completed, at its next notice after it has expired, and with the account',
  },
  removed_factors: {
    createdBy: 'a second factor that a user removes or replaces',
    perClient: 'as its sessions',
    perOwner: 'one for each change, which ends all other sessions and sends a mail',
    deleted: '3 days later, when the removal is undone, and with the account',
  },
  factor_deadlines: {
    createdBy: 'the first use of an account that needs a second factor and has none',
    perClient: 'as its sessions',
    perOwner: 'one',
    deleted: 'when the policy is switched off, and with the account',
  },
} satisfies Readonly<Record<string, TableBounds>>;
