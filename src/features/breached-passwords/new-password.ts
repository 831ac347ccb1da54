import type { Core } from '../../auth/core.ts';
import { accountTurn } from '../../auth/hashing-turns.ts';
import { messages } from '../../auth/pages/messages.ts';
import type { PendingSignIn } from '../../auth/required-steps/pending-sign-ins.ts';
import type { RequestContext, Submission } from '../../platform/web/context.ts';
import {
  noticesAbout,
  type PasswordRefusal,
  type Passwords,
  passwordChangedNotice,
  flashes as passwordFlashes,
} from '../passwords/index.ts';
import { changes } from './definitions.ts';
import { newPasswordForm } from './pages.ts';
import { STEP } from './step.ts';

/** GET /login/new-password: says why, and asks for another password. */
export function showNewPassword(core: Core, passwords: Passwords) {
  return async (context: RequestContext) => {
    core.flows.choose(context, 'pending');
    const turn = await core.pendingSignIns.read(context, STEP);
    if (turn.pending === null) return core.pages.redirect(turn.path);
    return showForm(core, passwords, context, { pending: turn.pending, problem: null });
  };
}

/**
 * POST /login/new-password: is it good enough, and another one → the password changes, every session ends (A11) → the
 * sign-in goes on. What waits is the proof of whose it is.
 */
export function submitNewPassword(core: Core, passwords: Passwords) {
  return async ({ context, form }: Submission) => {
    const turn = await core.pendingSignIns.read(context, STEP);
    if (turn.pending === null) return core.pages.redirect(turn.path);
    const { pending } = turn;
    const chosen = await choose(passwords, pending, form.text('new-password'));
    if (!chosen.acceptable) return showForm(core, passwords, context, { pending, problem: chosen.reason });
    const credential = await changePassword(core, passwords, context, {
      pending,
      password: chosen.password,
    });
    // Where another change came first, what waited is dead, and the person hears that from the login page.
    if (credential !== null)
      core.pages.flash(context, passwordFlashes.passwordChanged, ...noticesAbout(chosen.password));
    const facts = pending.facts.filter((fact) => fact !== 'breached-password');
    // A user who signed in by another method has not shown that they know the password.
    const proof =
      pending.method === 'password' ? ({ by: 'password', at: core.clock() } as const) : pending.proof;
    const established = credential === null ? {} : { credential, facts, proof };
    const { next } = await core.continueSignIn(context, context.flow, established);
    return core.pages.redirect(next);
  };
}

/** The password that is to be replaced is no choice, also while nobody can be asked whether it was stolen. */
async function choose(passwords: Passwords, { accountId, username, email }: PendingSignIn, typed: string) {
  const judgement = await passwords.judge(typed, [username, email ?? '']);
  if (!judgement.acceptable || (await passwords.verify(accountId, typed)) !== 'right') return judgement;
  return { acceptable: false, reason: { kind: 'current' } } as const;
}

type Change = { readonly pending: PendingSignIn; readonly password: string };

/**
 * Of several changes of one password at once, one is made (A15).
 * @returns what the proof names from now on: the new password, where it named one; null for the others
 */
async function changePassword(
  core: Core,
  passwords: Passwords,
  context: RequestContext,
  { pending, password }: Change,
): Promise<string | null> {
  const { accountId, method, credential } = pending;
  const version =
    method === 'password' ? Number(credential) : await versionFoundBreached(passwords, accountId);
  if (version === null) return null;
  const hash = await passwords.hash(password, accountTurn(accountId, 'everybody', context));
  const now = core.clock();
  const changed = await core.changeCredential(context, changes.breachedPasswordReplaced, {
    accountId,
    apply: (transaction) => passwords.set(transaction, accountId, { version, hash, now }),
    notice: passwordChangedNotice(core, accountId),
    event: { accountId, sessionId: null },
  });
  if (!changed.ok) return null;
  return method === 'password' ? `${passwords.versionAfter({ version, now })}` : credential;
}

/**
 * Whoever came in by another way than the password proves nothing about one that was chosen meanwhile: only that which was
 * found among stolen ones gives way (A11). The mark is asked for after the version, for it goes with the password.
 */
async function versionFoundBreached(
  { version, foundBreachedAt }: Passwords,
  accountId: string,
): Promise<number | null> {
  const standing = await version(accountId);
  return (await foundBreachedAt(accountId)) === null ? null : standing;
}

type FormState = { readonly pending: PendingSignIn; readonly problem: PasswordRefusal | null };

function showForm(
  { pages }: Core,
  { minimumCodePoints }: Passwords,
  context: RequestContext,
  { pending, problem }: FormState,
) {
  const { username } = pending;
  const body = newPasswordForm({ csrf: pages.csrfToken(context), username, problem, minimumCodePoints });
  return pages.show(context, problem === null ? 200 : 422, {
    title: messages.breachedPassword.title,
    body,
  });
}
