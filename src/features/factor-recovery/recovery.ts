import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { clientOf } from '../../auth/mail/notices.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { PendingSignIn } from '../../auth/required-steps/pending-sign-ins.ts';
import { type AfterSignIn, provenFactorIn } from '../../auth/required-steps/sign-in-step.ts';
import type { Queries } from '../../auth/schema.ts';
import { REMEMBERED } from '../../auth/sessions/session.ts';
import type { Occasion } from '../../platform/mail/index.ts';
import { DAY } from '../../platform/runtime/index.ts';
import { originOf } from '../../platform/web/index.ts';
import { notifyAll } from '../factor-changes/index.ts';
import type { Passwords } from '../passwords/index.ts';
import {
  deleteRecovery,
  tokens as factorTokens,
  insertRecovery,
  notedPasswordOf,
  notePassword,
  pendingRecovery,
  type StoredRecovery,
} from '../second-factors/index.ts';
import { emails, events, tokens } from './definitions.ts';
import { recoverySettings } from './settings.ts';

/** How long a recovery can be completed once it is due. */
const COMPLETED_WITHIN = 7 * DAY;
const STOP = '/stop-factor-recovery';

/** In milliseconds; null where the site has no delayed recovery. */
export function recoveryDelay({ settingsOf }: Core): number | null {
  return settingsOf(recoverySettings).mfaRecoveryDelay;
}

type Waiting = Pick<PendingSignIn, 'accountId' | 'method' | 'credential'>;

/**
 * The version of a password that is a proof of its own; null for any other. Only one that was proven together with a second
 * factor is: any other may have been set by a mailed link, and a mail never removes a factor (NIST SP 800-63B-4 §4.2.2). A
 * later use of the factor with something else, such as a provider, says nothing about the password.
 * @param on perhaps a transaction in which it is asked
 */
export async function independentPassword(
  passwords: Passwords,
  on: Queries,
  accountId: AccountId,
): Promise<number | null> {
  const version = await passwords.version(accountId);
  const noted = await notedPasswordOf(on, accountId);
  return version !== null && noted !== null && version <= noted ? version : null;
}

/** Notes the password of a sign-in that has proven a second factor as well. */
export function noteProvenPassword({ database: { queries } }: Core): AfterSignIn {
  return async (_context, { accountId, method, credential, facts }) => {
    const kind = provenFactorIn(facts)?.kind ?? REMEMBERED;
    if (method === 'password' && kind !== REMEMBERED)
      await notePassword(queries, accountId, Number(credential));
    return true;
  };
}

/**
 * Whether a pending sign-in may wait for the removal of the factors: it has begun with such a password, and its owner can be
 * notified. An account without a confirmed address has only its devices, which may all be lost.
 * @param on perhaps a transaction in which it is asked
 */
export async function canWait(
  core: Core,
  passwords: Passwords,
  on: Queries,
  { accountId, method, credential }: Waiting,
): Promise<boolean> {
  if (recoveryDelay(core) === null || method !== 'password') return false;
  const account = await core.accounts.read(accountId, on);
  if (account === null || account.disabledAt !== null || account.deleteAt !== null) return false;
  if (!(await core.notices.canReach(accountId))) return false;
  return `${await independentPassword(passwords, on, accountId)}` === credential;
}

export type Requested = { readonly recovery: StoredRecovery; readonly isNew: boolean };

/**
 * Begins a recovery, and notifies every address. One that is pending stays as it is, so that no request brings it forward or
 * puts it off.
 * @returns null where the sign-in may not
 */
export async function requestRecovery(
  core: Core,
  passwords: Passwords,
  context: RequestContext,
  pending: PendingSignIn,
): Promise<Requested | null> {
  const delay = recoveryDelay(core);
  if (delay === null) return null;
  const { accountId } = pending;
  const occasion = core.notices.occasionOf(clientOf(context), core.clock());
  const requested = await core.database.transaction(async (transaction) => {
    await core.accounts.lock(transaction, accountId);
    // Also of a password that was changed at this moment.
    if (!(await canWait(core, passwords, transaction, pending))) return null;
    const present = await pendingRecovery(core, transaction, accountId, occasion.at);
    if (present !== null) return { recovery: present, isNew: false };
    const recovery = await insert(core, transaction, accountId, { now: occasion.at, delay });
    await notifyOfRecovery(core, transaction, { accountId, occasion, recovery });
    return { recovery, isNew: true };
  });
  if (requested?.isNew === true)
    core.announce(events.factorRecoveryRequested, { accountId }, originOf(context));
  return requested;
}

async function insert(
  { oneTimeTokens }: Core,
  transaction: Queries,
  accountId: AccountId,
  { now, delay }: { readonly now: number; readonly delay: number },
): Promise<StoredRecovery> {
  const [purpose, lifetime] = [factorTokens['factor-recovery'], delay + COMPLETED_WITHIN];
  await deleteRecovery(transaction, accountId);
  await oneTimeTokens.voidAll(transaction, tokens['factor-recovery-stop'], accountId);
  // Its id alone is kept: the recovery is completed in a sign-in, and no link does it.
  const token = await oneTimeTokens.issue(transaction, { purpose, accountId, data: {}, lifetime }, now);
  const recovery: StoredRecovery = {
    id: oneTimeTokens.idOf(token),
    requestedAt: now,
    dueAt: now + delay,
    expiresAt: now + lifetime,
    nextNoticeAt: now + DAY,
  };
  await insertRecovery(transaction, accountId, recovery);
  return recovery;
}

type Notified = {
  readonly accountId: AccountId;
  readonly occasion: Occasion;
  readonly recovery: StoredRecovery;
};

/** Notifies every address of an account of its pending recovery, each with a link that stops it. */
export function notifyOfRecovery(
  core: Core,
  transaction: Queries,
  { accountId, occasion, recovery }: Notified,
) {
  const { id: recoveryId, dueAt, expiresAt } = recovery;
  const purpose = tokens['factor-recovery-stop'];
  const lifetime = expiresAt - occasion.at;
  return notifyAll(core, transaction, { accountId, occasion }, async (username, address) => {
    const about = { purpose, accountId, data: { address, recoveryId }, lifetime };
    const token = await core.oneTimeTokens.issue(transaction, about, occasion.at);
    const page = `${STOP}?token=${token}` as const;
    return occasion.at < dueAt
      ? emails.factorRecoveryPending.with({ username, page, due: dueAt })
      : emails.factorRecoveryDue.with({ username, page, expires: expiresAt });
  });
}

type Stop = {
  readonly accountId: AccountId;
  readonly id: string;
  readonly by: 'mail' | 'session' | 'sign-in';
};

/**
 * Stops a recovery, and notifies every address.
 * @returns false where it was stopped, voided or completed before
 */
export async function stopRecovery(
  core: Core,
  context: RequestContext,
  { accountId, id, by }: Stop,
): Promise<boolean> {
  const { accounts, announce, clock, database, notices, oneTimeTokens } = core;
  const occasion = notices.occasionOf(clientOf(context), clock());
  const isStopped = await database.transaction(async (transaction) => {
    await accounts.lock(transaction, accountId);
    if (!(await oneTimeTokens.spendById(transaction, factorTokens['factor-recovery'], id))) return false;
    await deleteRecovery(transaction, accountId);
    await oneTimeTokens.voidAll(transaction, tokens['factor-recovery-stop'], accountId);
    const write = (username: string) =>
      emails.factorRecoveryStopped.with({ username, page: paths.forgotPassword });
    await notifyAll(core, transaction, { accountId, occasion }, write);
    return true;
  });
  if (isStopped) announce(events.factorRecoveryStopped, { accountId, by }, originOf(context));
  return isStopped;
}
