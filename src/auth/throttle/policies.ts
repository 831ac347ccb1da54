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
    counts:
      'wrong proofs for one account, or for one name that is nobody’s, from browsers that it does not know',
    rule: { free: 10, firstWait: 30 * SECOND, longestWait: HOUR, memory: DAY },
    withProof: { free: 20, firstWait: MINUTE, longestWait: HOUR, memory: DAY },
  },
  'account-and-address': {
    counts: 'wrong proofs for one account from one address',
    rule: { most: 5, window: 15 * MINUTE },
    withProof: { most: 10, window: 15 * MINUTE },
  },
  address: {
    counts: 'wrong proofs from one IPv4 address or IPv6 /64',
    rule: { most: 30, window: 15 * MINUTE },
    withProof: { most: 120, window: 15 * MINUTE },
  },
  network: {
    counts: 'wrong proofs from one IPv6 /48',
    rule: { most: 120, window: 15 * MINUTE },
    withProof: { most: 480, window: 15 * MINUTE },
  },
  names: {
    counts: 'different accounts or names tried in vain from one address',
    rule: { most: 20, window: HOUR },
    withProof: { most: 100, window: HOUR },
  },
  site: {
    counts: 'wrong proofs on the whole site; past it every address is paced',
    rule: { most: 1_000, window: 10 * MINUTE },
    withProof: { most: 20_000, window: 10 * MINUTE },
  },
  pace: {
    counts: 'attempts from one address while the whole site is under attack',
    rule: { most: 1, window: 5 * MINUTE },
    withProof: null,
  },
  'common-passwords': {
    counts: 'wrong passwords on the whole site that are on the list of common ones, from browsers not known',
    rule: { most: 100, window: HOUR },
    withProof: { most: 500, window: HOUR },
  },
  device: {
    counts: 'wrong proofs from a browser that has signed in to the account before',
    rule: { free: 10, firstWait: 30 * SECOND, longestWait: 15 * MINUTE, memory: DAY },
    withProof: null,
  },
  'right-passwords': {
    counts:
      'right passwords for one account from one address: at sign-in with one password, and apart from those of a user who is signed in',
    rule: { most: 30, window: 10 * MINUTE },
    withProof: null,
    ofSuccesses: true,
  },
  'sign-ins-of-account': {
    counts:
      'sign-ins to one account with one password, from all addresses, and apart from those the ones from a browser that the account knows; told after the right password alone',
    rule: { most: 100, window: HOUR },
    withProof: null,
    ofSuccesses: true,
  },
  session: {
    counts: 'wrong proofs of somebody who is signed in',
    rule: { free: 5, firstWait: 30 * SECOND, longestWait: HOUR, memory: DAY },
    withProof: null,
  },
  exports: {
    counts: 'downloads of all that is kept of one account',
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
    counts: 'accounts made from one address',
    rule: { most: 1_000, window: HOUR },
    withProof: { most: 10_000, window: HOUR },
  },
  'provider-sign-ins': {
    counts: 'sign-ins with another site that were begun from one IPv4 address or IPv6 /64',
    rule: { most: 300, window: 15 * MINUTE },
    withProof: null,
  },
  'wrong-logout-tokens': {
    counts: 'what was sent from one address in the name of another site and did not prove to be its word',
    rule: { most: 30, window: 15 * MINUTE },
    withProof: null,
  },
  'logout-tokens': {
    counts: 'uses of one word of another site that somebody has signed out there',
    rule: { most: 1, window: 10 * MINUTE },
    withProof: null,
  },
  'mails-to-account': {
    counts: 'mails that somebody had sent once more to the address of one account',
    rule: { most: 5, window: HOUR },
    withProof: null,
  },
  'mails-from-address': {
    counts: 'the same from one IPv4 address or IPv6 /64',
    rule: { most: 30, window: HOUR },
    withProof: null,
  },
  'resets-from-address': {
    counts: 'requests for a new password from one IPv4 address or IPv6 /64',
    rule: { most: 10, window: HOUR },
    withProof: { most: 50, window: HOUR },
  },
  'resets-of-account': {
    counts:
      'mails to one account because of that, and apart from those the mails that one browser asks for which the account knows; whoever asks once more hears the same, and no mail goes out',
    // As long as a link lasts: whoever gets no mail any more because strangers have asked, too, has one that is good.
    rule: { most: 3, window: 30 * MINUTE },
    withProof: null,
  },
  'address-change-mails': {
    counts: 'mails to one address because somebody wants it for their account',
    rule: { most: 3, window: DAY },
    withProof: null,
  },
  'new-device-mails': {
    counts: 'mails to one account because somebody signed in with another browser; past it none is sent',
    rule: { most: 20, window: HOUR },
    withProof: null,
  },
  'links-from-address': {
    counts: 'requests to sign in by mail from one IPv4 address or IPv6 /64',
    rule: { most: 20, window: HOUR },
    withProof: { most: 100, window: HOUR },
  },
  'links-of-account': {
    counts: 'mails to one account because of that, in the same way',
    rule: { most: 5, window: HOUR },
    withProof: null,
  },
  'sign-in-codes': {
    counts: 'wrong codes to sign in with, typed in one browser for one mail; past it that code is void',
    rule: { most: 5, window: HOUR },
    withProof: null,
  },
  'sign-in-codes-from-address': {
    counts: 'the same from one IPv4 address or IPv6 /64, in whichever browser',
    rule: { most: 30, window: 15 * MINUTE },
    withProof: null,
  },
  'registration-mails': {
    counts:
      'mails to one address because of a registration: from one IPv4 address or IPv6 /48, or in all where another account has confirmed the address',
    rule: { most: 3, window: DAY },
    withProof: null,
  },
  'mails-to-unproven-address': {
    counts:
      'mails to one mailbox, from one IPv4 address or IPv6 /48, whose owner may not have wanted them: because of a registration, sent once more, because of a change of address, or with which to choose a new password where the address is not confirmed; past it no mail goes out, and the answer is the same',
    rule: { most: 10, window: DAY },
    withProof: null,
  },
  'mails-to-unproven-mailbox': {
    counts: 'the same from everywhere',
    rule: { most: 30, window: DAY },
    withProof: null,
  },
  'mails-to-own-unproven-address': {
    counts:
      'such mails that are asked for in a browser that the account of the address knows, in its session or in its sign-in that waits; past it they are counted as all others',
    rule: { most: 3, window: DAY },
    withProof: null,
  },
  'confirmation-codes': {
    counts:
      'wrong codes from a confirmation mail for one account, until its user has another mail sent; past it the code is void',
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
