import type { Account } from '../../auth/accounts/accounts.ts';
import type { Core } from '../../auth/core.ts';
import type { Queries } from '../../auth/schema.ts';
import { Abandoned, attempt } from '../../platform/sql/attempt.ts';
import type { RequestContext } from '../../platform/web/context.ts';
import { type Passwords, queuePasswordChanged } from '../passwords/index.ts';
import { type Reset, resetPurpose } from './reset-token.ts';

export type Replacement = {
  readonly reset: Reset;
  readonly token: string;
  readonly hash: string;
  /** The ids of the other ways in that stay. All others are taken away, since an attacker may have added them. */
  readonly keptWays: readonly string[];
};

/** Whether an account may still be recovered by a link, and is as it was when that was made. */
export function isStillGood(
  { email, disabledAt, deleteAt }: Account,
  { address }: Reset,
  now: number,
): boolean {
  const isUsable = disabledAt === null && (deleteAt === null || deleteAt > now);
  return isUsable && (address === null || address === email);
}

/** Whether the link is the first proof of the address: then nothing that was set up before stays (A20). */
export function provesFirst({ emailVerifiedAt }: Account, { address }: Pick<Reset, 'address'>): boolean {
  return address !== null && emailVerifiedAt === null;
}

/**
 * Spends the link and sets the password, both or neither; every session and every other link of the account end with it,
 * and its owner is told (A11). The account comes first, so two such transactions wait for each other and never for ever.
 * @returns the generation of devices that the account begins with it; null where another request was faster, or the account
 *   has changed meanwhile (A15)
 */
export async function replacePassword(
  core: Core,
  passwords: Passwords,
  context: RequestContext,
  replacement: Replacement,
): Promise<number | null> {
  const { database, lifecycle, clock } = core;
  const { accountId } = replacement.reset;
  const now = clock();
  const generation = await attempt(
    database,
    (transaction) => recover(core, passwords, transaction, { ...replacement, context, now }),
    database.isUniqueViolation,
  );
  if (generation === null) return null;
  // Once more: a sign-in with the old password may have begun a session while the change was not yet to be seen.
  await lifecycle.signOut(accountId);
  return generation;
}

type Recovery = Replacement & { readonly context: RequestContext; readonly now: number };

async function recover(
  core: Core,
  passwords: Passwords,
  transaction: Queries,
  { reset, token, hash, keptWays, context, now }: Recovery,
): Promise<number> {
  const { accounts, oneTimeTokens, lifecycle } = core;
  const { accountId, version } = reset;
  await accounts.lock(transaction, accountId);
  const account = await accounts.read(accountId, transaction);
  if (account === null || !isStillGood(account, reset, now)) throw new Abandoned();
  if ((await oneTimeTokens.spend(transaction, resetPurpose, token, now)) === null) throw new Abandoned();
  if (!(await passwords.set(transaction, accountId, { version, hash, now }))) throw new Abandoned();
  const isProof = await proveAddress(core, transaction, account, reset, now);
  await oneTimeTokens.voidAfterRecovery(transaction, accountId);
  await lifecycle.signOut(accountId, transaction);
  // After the sessions: whoever connects something in one of them holds it, and is waited for.
  const disconnected = await takeWaysAway(core, transaction, account, isProof ? [] : keptWays);
  const { after } = await accounts.forgetDevices(transaction, accountId, now);
  await queuePasswordChanged(core, transaction, context, { accountId, now, disconnected });
  return after;
}

/** @returns what those that were taken away are called */
async function takeWaysAway(
  { otherWaysIn }: Core,
  transaction: Queries,
  account: Account,
  kept: readonly string[],
): Promise<readonly string[]> {
  const others = await otherWaysIn.list(account, transaction);
  await otherWaysIn.forget(transaction, account.id, kept);
  return others.filter(({ id }) => !kept.includes(id)).map(({ label }) => label);
}

/**
 * Whoever opened the mail has the address. What was set before that was shown goes with the old password, with the
 * sessions and with the links (A19, A20).
 * @returns whether it was not shown before
 */
async function proveAddress(
  { accounts, settings }: Core,
  transaction: Queries,
  account: Account,
  { address }: Reset,
  now: number,
): Promise<boolean> {
  if (address === null || !provesFirst(account, { address })) return false;
  const proof = { accountId: account.id, address, isKept: settings.email === 'required' };
  if (!(await accounts.confirmEmail(transaction, proof, now))) throw new Abandoned();
  return true;
}
