import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { clientOf } from '../../auth/mail/notices.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext, Submission } from '../../auth/request-context.ts';
import { type FactorFact, type ProofFact, provenFactorIn } from '../../auth/required-steps/sign-in-step.ts';
import type { Queries } from '../../auth/schema.ts';
import type { User } from '../../auth/sessions/session.ts';
import type { SecondFactor } from '../../auth/slots.ts';
import type { KeyedLimit, Throttled } from '../../platform/rate-limit/index.ts';
import type { Id } from '../../platform/text/index.ts';
import { emails, limits } from './definitions.ts';
import { factorRowsOf, noteReport, noteUse, type StoredFactor } from './store.ts';

/** A factor of an account, with what its feature declares. */
export type OwnFactor = StoredFactor & { readonly declared: SecondFactor };

/** The second factors of an account that can be asked for here, one of each kind, the preferred one first. */
export async function factorsOf(
  { database, slots }: Core,
  accountId: AccountId,
): Promise<readonly OwnFactor[]> {
  const rows = await factorRowsOf(database.queries, accountId);
  return slots().secondFactors.flatMap((declared) => {
    const ofKind = rows.filter(({ kind }) => kind === declared.kind);
    const row = ofKind.find(({ unaskedSince }) => unaskedSince === null) ?? ofKind[0];
    return row === undefined ? [] : [{ ...row, declared }];
  });
}

/**
 * Whether these factors are asked for: any one but a backup, and but one that was added without its user. So is one that no
 * feature of this server declares, because what is not understood must not be skipped (A65).
 */
export function areAskedFor(
  { slots }: Core,
  rows: readonly Pick<StoredFactor, 'kind' | 'unaskedSince'>[],
): boolean {
  const backups = slots().secondFactors.filter(({ isBackup }) => isBackup);
  return rows.some(
    ({ kind, unaskedSince }) => unaskedSince === null && !backups.some((backup) => backup.kind === kind),
  );
}

/**
 * Whether an account has a second factor, which every sign-in and every fresh authentication asks for.
 * @param on a transaction in which it is asked
 */
export async function isProtected(
  core: Core,
  accountId: AccountId,
  on: Queries = core.database.queries,
): Promise<boolean> {
  return areAskedFor(core, await factorRowsOf(on, accountId));
}

/**
 * Whether an account may get a second factor. One whose address is unconfirmed may have been created by an attacker with the
 * address of the victim, who would recover it by mail and then lack the factor (A20).
 */
export function mayAdd(core: Core, { signedIn }: Pick<RequestContext, 'signedIn'>): boolean {
  return signedIn === null || mayAddTo(core, signedIn.user);
}

/** The same for an account that is not signed in. */
function mayAddTo({ mail }: Core, { email, emailVerified }: Pick<User, 'email' | 'emailVerified'>): boolean {
  return email === null || emailVerified || !mail.isPossible;
}

/** The same of an account that signs in. */
export async function mayAddAtSignIn(core: Core, accountId: AccountId): Promise<boolean> {
  const account = await core.accounts.read(accountId);
  if (account === null) return false;
  return mayAddTo(core, { email: account.email, emailVerified: account.emailVerifiedAt !== null });
}

/** Notes that a factor was used. */
export function noteFactorUse({ database: { queries }, clock }: Core, id: Id): Promise<void> {
  return noteUse(queries, id, clock());
}

/** The fact by which the gate knows that a factor was proven (`provenFactorIn`). */
export function factorFact({ kind, id }: FactorFact): ProofFact {
  return `second-factor ${kind} ${id}`;
}

/** The facts of a sign-in in which a factor was proven, instead of a remembered browser that was forgotten meanwhile. */
export function factsWith(facts: readonly ProofFact[], factor: FactorFact): readonly ProofFact[] {
  return [...facts.filter((fact) => provenFactorIn([fact]) === null), factorFact(factor)];
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
