import { z } from 'zod';
import { defineAction, definePage, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { authCookies } from '../../auth/definitions.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { PendingSignIn } from '../../auth/required-steps/pending-sign-ins.ts';
import type { SignInStep } from '../../auth/required-steps/sign-in-step.ts';
import { refuseStep, stepReasons } from '../../auth/required-steps/step-reasons.ts';
import {
  accountKey,
  newPasswordProblem,
  newPasswordReasons,
  noticesAbout,
  type Passwords,
  passwordChangedNotice,
  flashes as passwordFlashes,
  passwordsService,
} from '../passwords/index.ts';
import { changes } from './definitions.ts';
import { newPasswordView } from './pages.ts';

const STEP = 'new-password';
const STEP_PATH = '/login/new-password';

/** Required of a user who signs in to an account whose password is known to be breached. */
export function newPasswordStep({ foundBreachedAt }: Passwords): SignInStep {
  return {
    name: STEP,
    path: STEP_PATH,
    isRequired: async (accountId, facts) =>
      facts.includes('breached-password') || (await foundBreachedAt(accountId)) !== null,
  };
}

/** Explains why, and asks for another password. */
export const newPasswordPage = definePage({
  path: STEP_PATH,
  access: 'public',
  needs: { passwords: passwordsService },
  load:
    (core, { passwords: { minimumCodePoints } }) =>
    async (context) => {
      core.flows.choose(context, authCookies.pending);
      const current = await core.pendingSignIns.read(context, STEP);
      if (current.pending === null) return core.pages.redirect(current.path);
      return { username: current.pending.username, minimumCodePoints };
    },
  view: newPasswordView,
});

/**
 * Is the password good enough, and another one → it is changed, every session ends (A11) → the sign-in continues. The
 * pending sign-in proves the identity.
 */
export const replaceBreachedPassword = defineAction({
  path: STEP_PATH,
  access: 'public',
  capacity: 'hashing',
  needs: { passwords: passwordsService },
  input: z.object({ newPassword: text() }),
  reasons: { ...newPasswordReasons('newPassword'), ...stepReasons },
  run:
    (core, { passwords }) =>
    async ({ context, input: { newPassword } }) => {
      const current = await core.pendingSignIns.read(context, STEP);
      if (current.pending === null) return refuseStep(current.path);
      const { pending } = current;
      const chosen = await choose(passwords, pending, newPassword);
      if (!chosen.ok) return { ok: false, problems: [newPasswordProblem(chosen.reason)] };
      const change = { pending, password: chosen.password };
      const credential = await changePassword(core, passwords, context, change);
      // After a lost race the pending sign-in is void, and the login page says so.
      if (credential !== null)
        core.pages.flash(context, passwordFlashes.passwordChanged, ...noticesAbout(chosen.password));
      const facts = pending.facts.filter((fact) => fact !== 'breached-password');
      // A user who signed in by another method has not shown that they know the password.
      const proof =
        pending.method === 'password' ? ({ by: 'password', at: core.clock() } as const) : pending.proof;
      const established = credential === null ? {} : { credential, facts, proof };
      return { ok: true, ...(await core.continueSignIn(context, context.flow, established)) };
    },
});

/** The password that is to be replaced is refused, also while the breach service does not answer. */
async function choose(passwords: Passwords, { accountId, username, email }: PendingSignIn, typed: string) {
  const accepted = await passwords.check(typed, [username, email ?? '']);
  if (!accepted.ok || (await passwords.verify(accountId, typed)) !== 'right') return accepted;
  return { ok: false, reason: { kind: 'current' } } as const;
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
  const hash = await passwords.hash(password, accountKey(accountId, 'other', context));
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
 * A user who signed in by another method proves nothing about a password that was chosen meanwhile: only the one that was
 * found breached is replaced (A11). The flag is read after the version, because it belongs to the password.
 */
async function versionFoundBreached(
  { version, foundBreachedAt }: Passwords,
  accountId: AccountId,
): Promise<number | null> {
  const standing = await version(accountId);
  return (await foundBreachedAt(accountId)) === null ? null : standing;
}
