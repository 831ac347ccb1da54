import { z } from 'zod';
import { aboutAccount } from '../../auth/events.ts';
import { defineTokens } from '../../auth/one-time-tokens/token-definition.ts';
import { defineEvents } from '../../platform/events/index.ts';
import { defineEmails, link, moment, recipientName, text } from '../../platform/mail/index.ts';
import type { RouteBounds } from '../../platform/rate-limit/index.ts';
import { defineLimits } from '../../platform/rate-limit/index.ts';
import { HOUR, MINUTE } from '../../platform/runtime/index.ts';
import { defineFlowCookies } from '../../platform/web/index.ts';
import { aboutRefusedMail } from '../requested-mail/index.ts';
import { emailWords, eventWords } from './words.ts';

// Few, as they hold what the user has typed.
export const cookies = defineFlowCookies({
  asked: { max: 2, purpose: 'A requested sign-in by mail, which only this browser completes.' },
});

export const tokens = defineTokens({
  'magic-link': {
    lifetime: 10 * MINUTE,
    meaning: 'Sign in, in the browser that requested it.',
    voidedBy: 'password-change',
    // The browser that may use the link, and the code of the same mail.
    data: z.object({ address: z.string(), browser: z.string(), code: z.string() }),
    shown: 'address',
  },
});

export const events = defineEvents(eventWords, {
  signInLinkRequested: { data: aboutAccount, outcome: 'success' },
  signInLinkRefused: { data: aboutRefusedMail, outcome: 'failure' },
});

export const emails = defineEmails(emailWords, {
  magicLink: {
    name: 'magic-link',
    sent: {
      when: 'a user asks to sign in by mail (`MAGIC_LINK=on`)',
      to: 'the account’s confirmed address',
      says: 'sign in',
      link: 'link and code, 10 minutes',
    },
    data: { username: recipientName, page: link, code: text, expires: moment },
    content: ({ magicLink: words }, { siteName, page, code, expires }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName)],
      action: { label: words.action, address: page },
      code: { before: words.code, code },
      expires,
      advice: [words.advice],
    }),
  },
});

export const limits = defineLimits({
  'links-from-address': {
    counts: 'requests to sign in by mail from one IPv4 address or IPv6 /64',
    rule: { max: 20, window: HOUR },
    withProof: { max: 100, window: HOUR },
  },
  'links-of-account': {
    counts: 'sign-in mails to one account, and separately those requested by one known device',
    rule: { max: 5, window: HOUR },
  },
  'sign-in-codes': {
    counts: 'wrong sign-in codes in one browser for one mail; beyond it that code is void',
    rule: { max: 5, window: HOUR },
  },
  'sign-in-codes-from-address': {
    counts: 'the same from one IPv4 address or IPv6 /64, in any browser',
    rule: { max: 30, window: 15 * MINUTE },
  },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  { routes: ['POST /login/link'], costs: 'a mail', bound: '`links-from-address`, `links-of-account`' },
  {
    routes: ['POST /login/link/sent'],
    costs: 'a session',
    bound: '`sign-in-codes`, `sign-in-codes-from-address`',
  },
  {
    routes: ['POST /login/link/open'],
    costs: 'the change that the link permits, once',
    bound: 'needs a mailed link; others cost a look-up',
  },
];
