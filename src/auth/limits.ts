import {
  type ClientNetwork,
  clientNetwork,
  defineLimits,
  type KeyedLimit,
  type Limit,
} from '../platform/rate-limit/index.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../platform/runtime/index.ts';
import type { RequestContext, SignedInContext } from '../platform/web/context.ts';
import { accountNameKey } from './identifiers/account-name.ts';

/**
 * The limits that several features share. A permit is taken before an attempt and returned when it succeeds, so failures
 * are counted unless the limit says otherwise. Passwords have one more limit, a hundred in a row (features/passwords).
 */
export const authLimits = defineLimits({
  account: {
    counts: 'failures for one account, or for one unknown name, from browsers that the account does not know',
    rule: { free: 10, firstWait: 30 * SECOND, longestWait: HOUR, memory: DAY },
    withProof: { free: 20, firstWait: MINUTE, longestWait: HOUR, memory: DAY },
  },
  'account-and-address': {
    counts: 'failures for one account from one address',
    rule: { max: 5, window: 15 * MINUTE },
    withProof: { max: 10, window: 15 * MINUTE },
  },
  address: {
    counts: 'failures from one IPv4 address or IPv6 /64',
    rule: { max: 30, window: 15 * MINUTE },
    withProof: { max: 120, window: 15 * MINUTE },
  },
  network: {
    counts: 'failures from one IPv6 /48',
    rule: { max: 120, window: 15 * MINUTE },
    withProof: { max: 480, window: 15 * MINUTE },
  },
  names: {
    counts: 'different accounts or names that failed from one address',
    rule: { max: 20, window: HOUR },
    withProof: { max: 100, window: HOUR },
  },
  site: {
    counts: 'failures on the whole site; beyond it every address is paced',
    rule: { max: 1_000, window: 10 * MINUTE },
    withProof: { max: 20_000, window: 10 * MINUTE },
  },
  pace: {
    counts: 'attempts from one address while the whole site is under attack',
    rule: { max: 1, window: 5 * MINUTE },
  },
  'common-passwords': {
    counts: 'wrong passwords on the whole site that are in the list of common ones, from unknown browsers',
    rule: { max: 100, window: HOUR },
    withProof: { max: 500, window: HOUR },
  },
  device: {
    counts: 'failures from a known device of the account',
    rule: { free: 10, firstWait: 30 * SECOND, longestWait: 15 * MINUTE, memory: DAY },
  },
  'right-passwords': {
    counts:
      'correct passwords for one account from one address: at sign-in with one password, and separately by a signed-in user',
    rule: { max: 30, window: 10 * MINUTE },
    ofSuccesses: true,
  },
  session: {
    counts: 'failures of a signed-in user',
    rule: { free: 5, firstWait: 30 * SECOND, longestWait: HOUR, memory: DAY },
  },
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

/** A sign-in attempt, as it is counted. */
export type SignInAttempt = {
  /** Null for an unknown name. */
  readonly accountId: string | null;
  /** As it was typed. */
  readonly name: string;
  /** An attack with few passwords on many accounts, each from an address of its own, shows by nothing else. */
  readonly isCommonPassword: boolean;
};

/**
 * The limits of a sign-in attempt, from a known device or from any other browser.
 * @param device what `Devices.known` returned
 */
export function limitSignIn(
  device: string | null,
  context: RequestContext,
  { accountId, name, isCommonPassword }: SignInAttempt,
): readonly KeyedLimit[] {
  if (device !== null) return [{ limit: authLimits.device, key: device }];
  const whom = accountOrName(accountId, name);
  const from = clientNetwork(context.address);
  return [
    { limit: authLimits.account, key: whom },
    ...(from === null ? [] : limitClient(from, whom)),
    // While the whole site is under attack, each address is paced instead.
    {
      limit: authLimits.site,
      key: '',
      instead: from === null ? [] : [{ limit: authLimits.pace, key: from.address }],
    },
    ...(isCommonPassword ? [{ limit: authLimits['common-passwords'], key: '' }] : []),
  ];
}

function limitClient({ address, network }: ClientNetwork, whom: string): readonly KeyedLimit[] {
  const pair = authLimits['account-and-address'];
  return [
    { limit: pair, key: `${whom} ${address}` },
    { limit: authLimits.address, key: address },
    ...(network === null ? [] : [{ limit: authLimits.network, key: network }]),
    { limit: authLimits.names, key: address, whenFirstOf: pair },
  ];
}

/**
 * The limit of correct passwords of a signed-in user, whatever the password is, so that changing it again and again is
 * limited as well. Each costs a hash.
 */
export function limitOwnHash({ address, signedIn }: SignedInContext): readonly KeyedLimit[] {
  const from = clientNetwork(address);
  const key = `signed in ${signedIn.user.id} ${from?.address ?? ''}`;
  return [{ limit: authLimits['right-passwords'], key }];
}

/** The limits of a signed-in user who authenticates again. */
export function limitReauthentication(context: SignedInContext): readonly KeyedLimit[] {
  return [{ limit: authLimits.session, key: context.signedIn.session.id }, ...limitOwnHash(context)];
}

/** The limits of a mail that a user requests again to the address of an account. */
export function limitRepeatedMail(accountId: string, context: RequestContext): readonly KeyedLimit[] {
  return [
    { limit: authLimits['mails-to-account'], key: accountId },
    ...limitAddress(authLimits['mails-from-address'], context),
  ];
}

/** Counts by the address of the client; not at all if it is unknown. */
export function limitAddress(limit: Limit, { address }: RequestContext): readonly KeyedLimit[] {
  const from = clientNetwork(address);
  return from === null ? [] : [{ limit, key: from.address }];
}

/** The key of an account, or of an unknown name. */
export function accountOrName(accountId: string | null, name: string): string {
  return accountId === null ? `name ${canonicalName(name)}` : `account ${accountId}`;
}

// Spellings that one account would have are one unknown name, too (A05).
function canonicalName(name: string): string {
  const found = accountNameKey(name);
  return found === null ? name.trim().toLowerCase() : `${found.kind} ${found.key}`;
}
