import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { clientOf } from '../../auth/mail/notices.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext, Submission } from '../../auth/request-context.ts';
import type { FactorFact, ProofFact } from '../../auth/required-steps/sign-in-step.ts';
import type { Queries } from '../../auth/schema.ts';
import type { SecondFactor } from '../../auth/slots.ts';
import type { KeyedLimit, Throttled } from '../../platform/rate-limit/index.ts';
import type { Id } from '../../platform/text/index.ts';
import { emails, limits } from './definitions.ts';
import {
  deleteFactors,
  factorRowsOf,
  insertFactor,
  noteReport,
  noteUse,
  type StoredFactor,
} from './store.ts';

/** A factor of an account, with what its feature declares. */
export type OwnFactor = StoredFactor & { readonly declared: SecondFactor };

/** The second factors of an account that can be asked for here, the preferred one first. */
export async function factorsOf(
  { database, slots }: Core,
  accountId: AccountId,
): Promise<readonly OwnFactor[]> {
  const rows = await factorRowsOf(database.queries, accountId);
  return slots().secondFactors.flatMap((declared) =>
    rows.filter(({ kind }) => kind === declared.kind).map((row) => ({ ...row, declared })),
  );
}

/**
 * Whether these factors are asked for: any one but a backup. So is one that no feature of this server declares, because
 * what is not understood must not be skipped (A65).
 */
export function areAskedFor({ slots }: Core, rows: readonly StoredFactor[]): boolean {
  const backups = kindsOfBackups(slots().secondFactors);
  return rows.some(({ kind }) => !backups.includes(kind));
}

function kindsOfBackups(declared: readonly SecondFactor[]): readonly string[] {
  return declared.filter(({ isBackup }) => isBackup).map(({ kind }) => kind);
}

/** Whether an account has a second factor, which every sign-in and every fresh authentication asks for. */
export async function isProtected(core: Core, accountId: AccountId): Promise<boolean> {
  return areAskedFor(core, await factorRowsOf(core.database.queries, accountId));
}

/**
 * Whether an account may get a second factor. One whose address is unconfirmed may have been created by an attacker with the
 * address of the victim, who would recover it by mail and then lack the factor (A20).
 */
export function mayAdd({ mail }: Core, { signedIn }: Pick<RequestContext, 'signedIn'>): boolean {
  return signedIn === null || signedIn.user.email === null || signedIn.user.emailVerified || !mail.isPossible;
}

/** Removes a factor, and the backups where no other factor is left; the account must be locked. @returns whether there was one */
export async function removeFactor(
  { slots }: Core,
  transaction: Queries,
  accountId: AccountId,
  kind: string,
): Promise<boolean> {
  const backups = kindsOfBackups(slots().secondFactors);
  if ((await deleteFactors(transaction, accountId, [kind])) === 0) return false;
  const left = await factorRowsOf(transaction, accountId);
  if (left.every((row) => backups.includes(row.kind))) await deleteFactors(transaction, accountId, backups);
  return true;
}

/** Adds a factor of a kind of which an account may have several, unless it has one; the account must be locked. */
export async function ensureFactor(
  transaction: Queries,
  accountId: AccountId,
  factor: { readonly kind: string; readonly now: number },
): Promise<Id> {
  const rows = await factorRowsOf(transaction, accountId);
  const own = rows.find(({ kind }) => kind === factor.kind);
  return own === undefined ? insertFactor(transaction, accountId, factor) : own.id;
}

/** Notes that a factor of this kind was used. */
export async function noteFactorUse(
  { database: { queries }, clock }: Core,
  accountId: AccountId,
  kind: string,
): Promise<void> {
  const used = (await factorRowsOf(queries, accountId)).find((row) => row.kind === kind);
  if (used !== undefined) await noteUse(queries, used.id, clock());
}

/** The fact by which the gate knows that a factor was proven (`provenFactorIn`). */
export function factorFact({ kind, id }: FactorFact): ProofFact {
  return `second-factor ${kind} ${id}`;
}

type TypedCode = {
  readonly accountId: AccountId;
  readonly text: string;
  /** The kind that the form is for; null for any that the account has. */
  readonly kind: string | null;
};

/**
 * Tries a typed code. The permit is taken before anything is compared; failures are counted for the account and the factor,
 * whatever the sign-in, its method or the session is, and nothing but a right code of that factor forgets them (A36).
 * @returns the factor that was proven, or null
 */
export async function attemptCode(
  core: Core,
  { context, form }: Submission,
  { accountId, text, kind }: TypedCode,
): Promise<Throttled<FactorFact | null>> {
  const { clock, database, throttle } = core;
  const own = await factorsOf(core, accountId);
  const meant = own.find(({ declared }) => {
    return (kind === null || declared.kind === kind) && declared.typed?.isLike(text) === true;
  });
  // No right code has such a shape, so that nothing was learned.
  if (meant?.declared.typed === undefined) return { ok: true, result: null };
  const { id, declared } = meant;
  const { spend } = meant.declared.typed;
  const counted = [await limitAttempts(core, context, accountId, declared.kind)];
  const attempt = await throttle<FactorFact | null>(
    { context, counted, form, subject: accountId },
    async () => {
      if (!(await spend(context, accountId, text))) return { result: null, verdict: 'failed' };
      await noteUse(database.queries, id, clock());
      return { result: { kind: declared.kind, id }, verdict: 'succeeded' };
    },
  );
  if (!attempt.ok) await report(core, context, accountId);
  return attempt;
}

/** A known browser has a budget of its own: an attacker with the password cannot use that up (A07). */
async function limitAttempts(
  { devices, clock }: Core,
  context: RequestContext,
  accountId: AccountId,
  kind: string,
): Promise<KeyedLimit> {
  const device = await devices.known(context, accountId, clock());
  return device === null
    ? { limit: limits['second-factor'], key: `${accountId} ${kind}` }
    : { limit: limits['second-factor-device'], key: `${device} ${kind}` };
}

/** A client that tries codes has passed the first factor, so the owner is notified, once a day. */
async function report(core: Core, context: RequestContext, accountId: AccountId): Promise<void> {
  const occasion = core.notices.occasionOf(clientOf(context), core.clock());
  await core.database.transaction(async (transaction) => {
    if (!(await noteReport(transaction, accountId, occasion.at))) return;
    await core.notices.queue(transaction, {
      accountId,
      occasion,
      write: ({ username }) => emails.secondFactorTried.with({ username, page: paths.forgotPassword }),
    });
  });
}
