import type { Core } from '../../../auth/core.ts';
import { paths } from '../../../auth/paths.ts';
import type { RequestContext, SignedInContext, Submission } from '../../../platform/web/context.ts';
import { withFlow } from '../../../platform/web/flows.ts';
import { flashes } from '../definitions.ts';
import { type CodePage, showCodePage, submitCode, submitResend } from './code.ts';
import { STEP, STEP_PATH } from './step.ts';

/** GET /login/confirm-address: the password was right, and the address is still to be confirmed. */
export function showStep(core: Core) {
  return async (context: RequestContext) => {
    core.flows.choose(context, 'pending');
    const turn = await turnOf(core, context);
    return 'path' in turn ? core.pages.redirect(turn.path) : showCodePage(core, context, turn.page);
  };
}

/** POST /login/confirm-address: the code → the address is confirmed → the sign-in goes on. */
export function submitStep(core: Core) {
  return async (submission: Submission) => {
    const { context } = submission;
    const turn = await turnOf(core, context);
    if ('path' in turn) return core.pages.redirect(turn.path);
    const again = await submitCode(core, submission, turn.page);
    if (again !== null) return again;
    core.pages.flash(context, flashes.addressConfirmed);
    return core.pages.redirect((await core.continueSignIn(context, context.flow)).next);
  };
}

/** POST /login/confirm-address/resend */
export function resendAtStep(core: Core) {
  return async (submission: Submission) => {
    const { context } = submission;
    const turn = await turnOf(core, context);
    if ('path' in turn) return core.pages.redirect(turn.path);
    const again = await submitResend(core, submission, turn.page);
    return again ?? core.pages.redirect(withFlow(STEP_PATH, context.flow));
  };
}

type Turn = { readonly page: CodePage } | { readonly path: string };

async function turnOf({ pendingSignIns, accounts }: Core, context: RequestContext): Promise<Turn> {
  const turn = await pendingSignIns.read(context, STEP);
  if (turn.pending === null) return { path: turn.path };
  const { accountId } = turn.pending;
  const account = await accounts.read(accountId);
  if (account === null || account.email === null) return { path: paths.login };
  return { page: { accountId, address: account.email, place: 'sign-in' } };
}

/** GET /account/confirm-address: the same for somebody who is signed in. */
export function showAccountPage(core: Core) {
  return (context: SignedInContext) => {
    const page = pageOf(context);
    return page === null ? core.pages.redirect(paths.account) : showCodePage(core, context, page);
  };
}

/** POST /account/confirm-address */
export function submitAccountPage(core: Core) {
  return async (submission: Submission<SignedInContext>) => {
    const page = pageOf(submission.context);
    const again = page === null ? null : await submitCode(core, submission, page);
    if (again !== null) return again;
    core.pages.flash(submission.context, flashes.addressConfirmed);
    return core.pages.redirect(paths.account);
  };
}

/** POST /account/confirm-address/resend */
export function resendAtAccount(core: Core) {
  return async (submission: Submission<SignedInContext>) => {
    const page = pageOf(submission.context);
    const again = page === null ? null : await submitResend(core, submission, page);
    return again ?? core.pages.redirect(paths.confirmAddress);
  };
}

/** Null where there is nothing to confirm. */
function pageOf({ signedIn: { user } }: SignedInContext): CodePage | null {
  if (user.email === null || user.emailVerified) return null;
  return { accountId: user.id, address: user.email, place: 'account' };
}
