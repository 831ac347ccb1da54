import { z } from 'zod';
import { type Done, defineAction, definePage, type Refused, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { paths } from '../../auth/paths.ts';
import type { Submission } from '../../auth/request-context.ts';
import type { PendingSignIn } from '../../auth/required-steps/pending-sign-ins.ts';
import { refuseStep, stepReasons } from '../../auth/required-steps/step-reasons.ts';
import type { Queries } from '../../auth/schema.ts';
import { fieldWords } from '../../auth/words.ts';
import { withFlow } from '../../platform/web/index.ts';
import { limitSignIn, type Passwords, passwordsService, signInKey } from '../passwords/index.ts';
import {
  tokens as factorTokens,
  openStep,
  pendingRecovery,
  SECOND_FACTOR_PATH,
  SECOND_FACTOR_STEP,
} from '../second-factors/index.ts';
import { removeLost } from './complete.ts';
import { flashes, limits } from './definitions.ts';
import { type LostPage, lostView } from './pages.ts';
import { canWait, independentPassword, recoveryDelay, requestRecovery } from './recovery.ts';
import { lostWords } from './words.ts';

/** What a user can do who has passed the first factor and lost the second one. */
export const lostPage = definePage({
  path: paths.lostFactor,
  access: 'public',
  needs: { passwords: passwordsService },
  load:
    (core, { passwords }) =>
    async (context): Promise<Response | LostPage> => {
      const pending = await openStep(core, context, SECOND_FACTOR_STEP);
      if (pending instanceof Response) return pending;
      const now = core.clock();
      const recovery = await pendingRecovery(core, core.database.queries, pending.accountId, now);
      const mayWait = await canWait(core, passwords, core.database.queries, pending);
      const delay = mayWait && recovery === null ? recoveryDelay(core) : null;
      return {
        username: pending.username,
        back: withFlow(SECOND_FACTOR_PATH, context.flow),
        recovery: mayWait && recovery !== null ? { ...recovery, isDue: recovery.dueAt <= now } : null,
        from: delay === null ? null : now + delay,
        ...(await otherProofs(core, passwords, pending)),
      };
    },
  view: lostView,
});

/** Which two proofs the account can give: its password, and an identity at a provider. */
async function otherProofs(core: Core, passwords: Passwords, pending: PendingSignIn) {
  const none = { asksForPassword: false, isSilent: false, providers: [] };
  const { queries } = core.database;
  if ((await independentPassword(passwords, queries, pending.accountId)) === null) return none;
  if (pending.method === EXTERNAL) {
    const asksForPassword = isFresh(core, pending);
    return { ...none, asksForPassword, isSilent: !asksForPassword };
  }
  const account = await core.accounts.read(pending.accountId);
  const external = core.slots().signInRules.methods.find(({ name }) => name === EXTERNAL);
  const linked = account === null ? [] : ((await external?.listLinkedCredentials?.(account)) ?? []);
  return { ...none, providers: [...new Set(linked.map(({ label }) => label))] };
}

const EXTERNAL = 'external';

/** Whether the user has just authenticated at the provider, actively. */
function isFresh({ clock, settings }: Core, { proof }: PendingSignIn): boolean {
  return proof?.by === 'provider' && clock() - proof.at < settings.sessionFresh;
}

const notPossible = { status: 409, text: lostText('notPossible') } as const;

function lostText(name: 'notPossible' | 'passwordRefused') {
  return (words: Parameters<NonNullable<(typeof stepReasons)['no-pending-sign-in']['text']>>[0]) =>
    words(lostWords)[name];
}

/** Two independent proofs: the sign-in at a provider that waits, and the password. */
export const proveLost = defineAction({
  path: paths.lostFactor,
  access: 'public',
  capacity: 'sign-in',
  needs: { passwords: passwordsService },
  input: z.object({ password: text() }),
  reasons: {
    'password-missing': {
      status: 422,
      field: 'password',
      text: (words) => words(fieldWords).passwordMissing,
    },
    'password-refused': { status: 401, field: 'password', text: lostText('passwordRefused') },
    'not-possible': notPossible,
    ...stepReasons,
  },
  run:
    (core, { passwords }) =>
    async ({ context, form, input: { password } }) => {
      const current = await core.pendingSignIns.read(context, SECOND_FACTOR_STEP);
      if (current.pending === null) return refuseStep(current.path);
      const { pending } = current;
      const { queries } = core.database;
      const version = await independentPassword(passwords, queries, pending.accountId);
      if (pending.method !== EXTERNAL || !isFresh(core, pending) || version === null) return NOT_POSSIBLE;
      if (password === '') return { ok: false, problems: [{ reason: 'password-missing' }] };
      const attempt = await tryPassword(core, passwords, { context, form }, { pending, password });
      if (!attempt.ok) return attempt;
      if (!attempt.result) return { ok: false, problems: [{ reason: 'password-refused' }] };
      const identities = await identitiesOf(core, pending, queries);
      if (!(await holds(core, pending))) return NOT_POSSIBLE;
      const removed = await removeLost(core, context, pending, {
        by: 'two-proofs',
        stillHolds: async (transaction) =>
          (await passwords.version(pending.accountId)) === version &&
          (await identitiesOf(core, pending, transaction)) === identities,
      });
      return removed === null ? NOT_POSSIBLE : { ok: true, ...removed };
    },
});

const NOT_POSSIBLE = { ok: false, problems: [{ reason: 'not-possible' }] } as const;

async function holds({ slots }: Core, { accountId, method, credential }: PendingSignIn): Promise<boolean> {
  const declared = slots().signInRules.methods.find(({ name }) => name === method);
  return (await declared?.stillHolds(accountId, credential)) === true;
}

/** The ids of the connected identities, in one text: as long as it is the same, none was disconnected. */
async function identitiesOf(
  { accounts, linkedCredentials }: Core,
  { accountId }: PendingSignIn,
  on: Queries,
): Promise<string> {
  const account = await accounts.read(accountId, on);
  const linked = account === null ? [] : await linkedCredentials.list(account, on);
  return linked.map(({ id }) => id).join(' ');
}

type Typed = { readonly pending: PendingSignIn; readonly password: string };

/** The attempts are limited as at sign-in. */
async function tryPassword(
  { clock, devices, throttle }: Core,
  passwords: Passwords,
  { context, form }: Submission,
  { pending: { accountId, username: name }, password }: Typed,
) {
  const device = await devices.known(context, accountId, clock());
  const tried = { accountId, name, isCommonPassword: passwords.isCommon(password) };
  const counted = limitSignIn(device, context, tried);
  return throttle({ context, counted, form, subject: accountId }, async () => {
    const verification = await passwords.verify(accountId, password, signInKey(device, context, tried));
    passwords.notifyIfDisabled(context, accountId, verification);
    const isRight = verification === 'right';
    return { result: isRight, verdict: isRight ? 'succeeded' : 'failed' };
  });
}

/** Begins to wait. Asking again changes nothing, and says when it is due. */
export const waitForRecovery = defineAction({
  path: `${paths.lostFactor}/request`,
  page: paths.lostFactor,
  access: 'public',
  needs: { passwords: passwordsService },
  input: z.object({}),
  reasons: { 'not-possible': notPossible, ...stepReasons },
  run:
    (core, { passwords }) =>
    async ({ context, form }): Promise<Done | Refused<'not-possible' | 'no-pending-sign-in'>> => {
      const current = await core.pendingSignIns.read(context, SECOND_FACTOR_STEP);
      if (current.pending === null) return refuseStep(current.path);
      const { pending } = current;
      const counted = [{ limit: limits['factor-recoveries'], key: pending.accountId }];
      const attempt = await core.throttle(
        { context, counted, form, subject: pending.accountId },
        async () => {
          const requested = await requestRecovery(core, passwords, context, pending);
          return { result: requested, verdict: requested?.isNew === true ? 'counted' : [] };
        },
      );
      if (!attempt.ok) return attempt;
      const { result } = attempt;
      if (result === null) return NOT_POSSIBLE;
      const { dueAt, expiresAt } = result.recovery;
      return {
        ok: true,
        next: withFlow(paths.lostFactor, context.flow),
        flashes: [flashes.factorRecoveryRequested],
        data: { dueAt: new Date(dueAt).toISOString(), expiresAt: new Date(expiresAt).toISOString() },
      };
    },
});

/** Completes a recovery that is due, in a sign-in with the password with which it was requested. */
export const completeRecovery = defineAction({
  path: `${paths.lostFactor}/complete`,
  page: paths.lostFactor,
  access: 'public',
  needs: { passwords: passwordsService },
  input: z.object({}),
  reasons: { 'not-possible': notPossible, ...stepReasons },
  run:
    (core, { passwords }) =>
    async ({ context }) => {
      const current = await core.pendingSignIns.read(context, SECOND_FACTOR_STEP);
      if (current.pending === null) return refuseStep(current.path);
      const { pending } = current;
      const now = core.clock();
      const recovery = await pendingRecovery(core, core.database.queries, pending.accountId, now);
      if (recovery === null || recovery.dueAt > now) return NOT_POSSIBLE;
      const removed = await removeLost(core, context, pending, {
        by: 'delay',
        token: { purpose: factorTokens['factor-recovery'], id: recovery.id },
        stillHolds: (transaction) => canWait(core, passwords, transaction, pending),
      });
      return removed === null ? NOT_POSSIBLE : { ok: true, ...removed };
    },
});
