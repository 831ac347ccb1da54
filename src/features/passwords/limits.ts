import type { Core } from '../../auth/core.ts';
import { accountOrName } from '../../auth/identifiers/account-name.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { RequestContext, SignedInContext } from '../../auth/request-context.ts';
import {
  type ClientNetwork,
  clientNetwork,
  counterKeys,
  defineLimits,
  type KeyedLimit,
} from '../../platform/rate-limit/index.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../platform/runtime/index.ts';

/**
 * Limits on proving an identity. A permit is taken before an attempt and returned when it succeeds, so failures are counted
 * unless the limit says otherwise. One more limit, a hundred wrong passwords in a row, is in `verification.ts`.
 */
export const limits = defineLimits({
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
});

/** A sign-in attempt, as it is counted. */
export type SignInAttempt = {
  /** Null for an unknown name. */
  readonly accountId: AccountId | null;
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
  if (device !== null) return [{ limit: limits.device, key: device }];
  const whom = accountOrName(accountId, name);
  const from = clientNetwork(context.address);
  return [
    { limit: limits.account, key: whom },
    ...(from === null ? [] : limitClient(from, whom)),
    // While the whole site is under attack, each address is paced instead.
    {
      limit: limits.site,
      key: '',
      instead: from === null ? [] : [{ limit: limits.pace, key: from.address }],
    },
    ...(isCommonPassword ? [{ limit: limits['common-passwords'], key: '' }] : []),
  ];
}

function limitClient({ address, network }: ClientNetwork, whom: string): readonly KeyedLimit[] {
  const pair = limits['account-and-address'];
  return [
    { limit: pair, key: `${whom} ${address}` },
    { limit: limits.address, key: address },
    ...(network === null ? [] : [{ limit: limits.network, key: network }]),
    { limit: limits.names, key: address, whenFirstOf: pair },
  ];
}

/**
 * The limit of correct passwords of a signed-in user, whatever the password is, so that changing it again and again is
 * limited as well. Each costs a hash.
 */
export function limitOwnHash({ address, signedIn }: SignedInContext): readonly KeyedLimit[] {
  const from = clientNetwork(address);
  const key = `signed in ${signedIn.user.id} ${from?.address ?? ''}`;
  return [{ limit: limits['right-passwords'], key }];
}

/** The limits of a signed-in user who authenticates again. */
export function limitReauthentication(context: SignedInContext): readonly KeyedLimit[] {
  return [{ limit: limits.session, key: context.signedIn.session.id }, ...limitOwnHash(context)];
}

/**
 * Forgets the failures of an account whose owner has just recovered it: they were for the old password and must not lock out
 * the owner (A07). What is counted against addresses and the site stays.
 */
export async function forgiveFailures(
  { counters, devices, clock }: Pick<Core, 'counters' | 'devices' | 'clock'>,
  context: RequestContext,
  accountId: AccountId,
): Promise<void> {
  const device = await devices.known(context, accountId, clock());
  await counters.clear(counterKeys(failuresOf(device, context, accountId)));
}

/** What was counted against one account alone, from this browser and from any other. */
function failuresOf(device: string | null, { address }: RequestContext, accountId: AccountId) {
  const from = clientNetwork(address);
  const whom = `account ${accountId}`;
  const own: KeyedLimit[] = [{ limit: limits.account, key: whom }];
  if (from !== null) own.push({ limit: limits['account-and-address'], key: `${whom} ${from.address}` });
  if (device !== null) own.push({ limit: limits.device, key: device });
  return own;
}
