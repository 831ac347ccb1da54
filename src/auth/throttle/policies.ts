import type { Rule } from '../../platform/rate-limit/counters/counters.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../platform/runtime/clock.ts';

/** What is counted, how many of them are let through, and how many more for those who do some work for each one. */
export type Policy = {
  /** What is counted, for the table in docs/throttling.md. */
  readonly counts: string;
  readonly rule: Rule;
  /** Counted apart, once the rule above refuses and the request carries a proof of work; null where no work helps. */
  readonly withProof: Rule | null;
  /** What is counted are successes; failures are given back. */
  readonly ofSuccesses?: true;
};

/**
 * Every limit on attempts there is. An attempt is counted before it is made and given back when it succeeds, so what is
 * counted are failures, unless the policy says otherwise. Passwords have one more limit of their own, a hundred in a row (features/passwords).
 */
export const policies = {
  account: {
    counts: 'failures for one account, or for one unknown name, from browsers that the account does not know',
    rule: { free: 10, firstWait: 30 * SECOND, longestWait: HOUR, memory: DAY },
    withProof: { free: 20, firstWait: MINUTE, longestWait: HOUR, memory: DAY },
  },
  'account-and-address': {
    counts: 'failures for one account from one address',
    rule: { most: 5, window: 15 * MINUTE },
    withProof: { most: 10, window: 15 * MINUTE },
  },
  address: {
    counts: 'failures from one IPv4 address or IPv6 /64',
    rule: { most: 30, window: 15 * MINUTE },
    withProof: { most: 120, window: 15 * MINUTE },
  },
  network: {
    counts: 'failures from one IPv6 /48',
    rule: { most: 120, window: 15 * MINUTE },
    withProof: { most: 480, window: 15 * MINUTE },
  },
  names: {
    counts: 'different accounts or names that failed from one address',
    rule: { most: 20, window: HOUR },
    withProof: { most: 100, window: HOUR },
  },
  site: {
    counts: 'failures on the whole site; beyond it every address is paced',
    rule: { most: 1_000, window: 10 * MINUTE },
    withProof: { most: 20_000, window: 10 * MINUTE },
  },
  pace: {
    counts: 'attempts from one address while the whole site is under attack',
    rule: { most: 1, window: 5 * MINUTE },
    withProof: null,
  },
  'common-passwords': {
    counts: 'wrong passwords on the whole site that are in the list of common ones, from unknown browsers',
    rule: { most: 100, window: HOUR },
    withProof: { most: 500, window: HOUR },
  },
  device: {
    counts: 'failures from a known device of the account',
    rule: { free: 10, firstWait: 30 * SECOND, longestWait: 15 * MINUTE, memory: DAY },
    withProof: null,
  },
  'right-passwords': {
    counts:
      'correct passwords for one account from one address: at sign-in with one password, and separately by a signed-in user',
    rule: { most: 30, window: 10 * MINUTE },
    withProof: null,
    ofSuccesses: true,
  },
  'sign-ins-of-account': {
    counts:
      'sign-ins to one account with one password from all addresses, and separately from known devices; reported only after the correct password',
    rule: { most: 100, window: HOUR },
    withProof: null,
    ofSuccesses: true,
  },
  session: {
    counts: 'failures of a signed-in user',
    rule: { free: 5, firstWait: 30 * SECOND, longestWait: HOUR, memory: DAY },
    withProof: null,
  },
  exports: {
    counts: 'exports of the personal data of one account',
    rule: { most: 5, window: HOUR },
    withProof: null,
  },
  'taken-names': {
    counts: 'registrations from one address that were answered with “taken”',
    rule: { most: 30, window: HOUR },
    withProof: null,
  },
  'taken-names-of-network': {
    counts: 'the same from one IPv6 /48',
    rule: { most: 120, window: HOUR },
    withProof: null,
  },
  registrations: {
    counts: 'accounts created from one address',
    rule: { most: 1_000, window: HOUR },
    withProof: { most: 10_000, window: HOUR },
  },
  'provider-sign-ins': {
    counts: 'federated logins begun from one IPv4 address or IPv6 /64',
    rule: { most: 300, window: 15 * MINUTE },
    withProof: null,
  },
  'wrong-logout-tokens': {
    counts: 'invalid logout tokens from one address',
    rule: { most: 30, window: 15 * MINUTE },
    withProof: null,
  },
  'logout-tokens': {
    counts: 'uses of one logout token',
    rule: { most: 1, window: 10 * MINUTE },
    withProof: null,
  },
  'mails-to-account': {
    counts: 'confirmation mails and codes that a user requested again for one account',
    rule: { most: 5, window: HOUR },
    withProof: null,
  },
  'mails-from-address': {
    counts: 'the same from one IPv4 address or IPv6 /64',
    rule: { most: 30, window: HOUR },
    withProof: null,
  },
  'resets-from-address': {
    counts: 'requests for a password reset from one IPv4 address or IPv6 /64',
    rule: { most: 10, window: HOUR },
    withProof: { most: 50, window: HOUR },
  },
  'resets-of-account': {
    counts:
      'reset mails to one account, and separately those requested by one known device; beyond it the answer is the same, and no mail is sent',
    // As long as a link lasts: whoever gets no mail any more because strangers have asked, too, has one that is good.
    rule: { most: 3, window: 30 * MINUTE },
    withProof: null,
  },
  'address-change-mails': {
    counts: 'mails to one address because a user wants it for an account',
    rule: { most: 3, window: DAY },
    withProof: null,
  },
  'new-device-mails': {
    counts: 'mails to one account about sign-ins with other browsers; beyond it none is sent',
    rule: { most: 20, window: HOUR },
    withProof: null,
  },
  'links-from-address': {
    counts: 'requests to sign in by mail from one IPv4 address or IPv6 /64',
    rule: { most: 20, window: HOUR },
    withProof: { most: 100, window: HOUR },
  },
  'links-of-account': {
    counts: 'sign-in mails to one account, and separately those requested by one known device',
    rule: { most: 5, window: HOUR },
    withProof: null,
  },
  'sign-in-codes': {
    counts: 'wrong sign-in codes in one browser for one mail; beyond it that code is void',
    rule: { most: 5, window: HOUR },
    withProof: null,
  },
  'sign-in-codes-from-address': {
    counts: 'the same from one IPv4 address or IPv6 /64, in any browser',
    rule: { most: 30, window: 15 * MINUTE },
    withProof: null,
  },
  'registration-mails': {
    counts:
      'mails to one address because of a registration: from one IPv4 address or IPv6 /48, or in all if another account has confirmed the address',
    rule: { most: 3, window: DAY },
    withProof: null,
  },
  'mails-to-unproven-address': {
    counts:
      'mails to one mailbox, from one IPv4 address or IPv6 /48, that its owner may not have wanted: at registration, sent again, at a change of address, or for a reset of an unconfirmed account; beyond it no mail is sent, and the answer is the same',
    rule: { most: 10, window: DAY },
    withProof: null,
  },
  'mails-to-unproven-mailbox': {
    counts: 'the same from all addresses',
    rule: { most: 30, window: DAY },
    withProof: null,
  },
  'mails-to-own-unproven-address': {
    counts:
      'such mails requested by a known device of the account of that address, in its session or its pending sign-in; beyond it they count as all others',
    rule: { most: 3, window: DAY },
    withProof: null,
  },
  'confirmation-codes': {
    counts:
      'wrong codes of a confirmation mail for one account, until its user requests another mail; beyond it the code is void',
    rule: { most: 5, window: DAY },
    withProof: null,
  },
} as const satisfies Record<string, Policy>;

export type PolicyName = keyof typeof policies;

/** Whether a policy counts successes. */
export function isOfSuccesses(name: PolicyName): boolean {
  const policy: Policy = policies[name];
  return policy.ofSuccesses === true;
}
