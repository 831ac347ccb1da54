import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { Queries } from '../../auth/schema.ts';
import { tokens } from './definitions.ts';
import { areAskedFor } from './factors.ts';
import { deleteRemoved, insertRemoved, type RemovedFactor, removedFactorsOf } from './removed-store.ts';
import { deleteFactors, factorRowsOf, reinsertFactor, type StoredFactor } from './store.ts';

/** How long a removed factor is kept, which is as long as its removal can be undone. */
const KEPT_FOR = tokens['second-factor-undo'].lifetime;

const isAskedFor = ({ unaskedSince }: StoredFactor) => unaskedSince === null;

type Removal = {
  readonly accountId: AccountId;
  /** When the change is made, as `nextChange` says. */
  readonly at: number;
  readonly isMeant: (factor: StoredFactor) => boolean;
  /** Whether backups stay, because another factor takes the place of the removed one. */
  readonly keepsBackups?: boolean;
};

/**
 * The time of a change of second factors: later than that of every change of the account before it, whatever the clocks say
 * (A59). An undo compares these times. The account must be locked.
 */
export async function nextChange(transaction: Queries, accountId: AccountId, now: number): Promise<number> {
  const [present, removed] = [
    await factorRowsOf(transaction, accountId),
    await removedFactorsOf(transaction, accountId),
  ];
  const last = [...present, ...removed].map(({ addedAt }) => addedAt);
  return Math.max(now, ...[...last, ...removed.map(({ removedAt }) => removedAt)].map((at) => at + 1));
}

/**
 * Removes factors, and the backups where no other factor is left. What proves them is kept for three days, sealed and in
 * another table, so that it serves to undo the removal and to nothing else. The account must be locked.
 * @returns whether there was one
 */
export async function removeFactors(
  core: Core,
  transaction: Queries,
  { accountId, at, isMeant, keepsBackups = false }: Removal,
): Promise<boolean> {
  const present = await factorRowsOf(transaction, accountId);
  if (!present.some(isMeant)) return false;
  const left = present.filter((factor) => !isMeant(factor));
  const keepsAll = keepsBackups || areAskedFor(core, left);
  // Where nothing is asked for any more, those that still are would be backups.
  const removed = present.filter((factor) => isMeant(factor) || (!keepsAll && isAskedFor(factor)));
  for (const factor of removed) await keep(core, transaction, accountId, { ...factor, removedAt: at });
  await deleteFactors(
    transaction,
    accountId,
    removed.map(({ id }) => id),
  );
  return true;
}

/** Why the last factor of an account stays that needs one. */
const LAST_REQUIRED = { ok: false, reason: 'last-factor-required' } as const;

/** The same, unless the account needs a second factor (`FactorPolicy`) and no other one would be left. */
export async function removeUnlessRequired(
  core: Core,
  transaction: Queries,
  { isRequired, ...removal }: Removal & { readonly isRequired: boolean },
): Promise<boolean | typeof LAST_REQUIRED> {
  const present = await factorRowsOf(transaction, removal.accountId);
  const left = present.filter((factor) => !removal.isMeant(factor));
  if (isRequired && left.length < present.length && !areAskedFor(core, left)) return LAST_REQUIRED;
  return removeFactors(core, transaction, removal);
}

type Removed = Omit<RemovedFactor, 'saved' | 'expiresAt'>;

/** What no feature of this server declares cannot be kept. */
async function keep(core: Core, transaction: Queries, accountId: AccountId, factor: Removed): Promise<void> {
  const declared = core.slots().secondFactors.find(({ kind }) => kind === factor.kind);
  if (declared === undefined) return;
  const text = JSON.stringify(await declared.save(transaction, factor.id));
  const saved = core.sealFor(SEALED).seal(text, boundTo(accountId, factor));
  await insertRemoved(transaction, accountId, { ...factor, saved, expiresAt: factor.removedAt + KEPT_FOR });
}

const SEALED = 'removed-factors';

function boundTo(accountId: AccountId, { id, kind, addedAt, removedAt }: Removed): string {
  return [accountId, id, kind, addedAt, removedAt].join(' ');
}

/** What an undo does to the factors of an account. */
export type Undoing = {
  readonly removed: readonly StoredFactor[];
  readonly restored: readonly RemovedFactor[];
};

/**
 * What has to be done so that an account has the factors that it had before a change: those added by it or later go, and
 * those that it or a later change has removed come back.
 * @returns null where the account has exactly these factors
 */
export async function planUndo(
  core: Core,
  queries: Queries,
  accountId: AccountId,
  since: number,
): Promise<Undoing | null> {
  const present = await factorRowsOf(queries, accountId);
  const wasThere = ({ addedAt }: { readonly addedAt: number }) => addedAt < since;
  const restored = (await removedFactorsOf(queries, accountId)).filter((factor) => {
    return wasThere(factor) && factor.removedAt >= since;
  });
  const left = present.filter(wasThere);
  // Backups alone are no second factor.
  const keepsAll = areAskedFor(core, [...left, ...restored]);
  const removed = present.filter((one) => !wasThere(one) || (!keepsAll && isAskedFor(one)));
  return removed.length === 0 && restored.length === 0 ? null : { removed, restored };
}

/**
 * Does so; the account must be locked. Nothing may be left to do, where the same change has removed a passkey that no sign-in asks
 * for.
 * @returns null where what was kept cannot be opened
 */
export async function undoSince(
  core: Core,
  transaction: Queries,
  accountId: AccountId,
  since: number,
): Promise<Undoing | null> {
  const plan = (await planUndo(core, transaction, accountId, since)) ?? { removed: [], restored: [] };
  await deleteFactors(
    transaction,
    accountId,
    plan.removed.map(({ id }) => id),
  );
  for (const factor of plan.restored) if (!(await restore(core, transaction, accountId, factor))) return null;
  const kept = await removedFactorsOf(transaction, accountId);
  const overtaken = kept.filter(({ removedAt }) => removedAt >= since).map(({ id }) => id);
  await deleteRemoved(transaction, accountId, overtaken);
  return plan;
}

async function restore(
  { log, sealFor, slots }: Core,
  transaction: Queries,
  accountId: AccountId,
  factor: RemovedFactor,
): Promise<boolean> {
  const declared = slots().secondFactors.find(({ kind }) => kind === factor.kind);
  const text = sealFor(SEALED).open(factor.saved, boundTo(accountId, factor));
  if (declared === undefined || text === null) {
    // Only the operator can fix that, with the key of before.
    log.error({ event: 'removed-factor-unreadable', accountId, factor: factor.kind });
    return false;
  }
  await reinsertFactor(transaction, accountId, factor);
  await declared.restore(transaction, accountId, factor.id, JSON.parse(text));
  return true;
}
