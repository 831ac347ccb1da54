import type { Core } from '../../auth/core.ts';
import { limitSignIn } from '../../auth/limits.ts';
import { answerGone, answerUnopened, openedLink } from '../../auth/opened-link.ts';
import { messages } from '../../auth/pages/messages.ts';
import { type TooManyNotice, tooManyNotice } from '../../auth/pages/too-many-notice.ts';
import { paths } from '../../auth/paths.ts';
import { refusalHeaders } from '../../platform/rate-limit/index.ts';
import { originOf, type RequestContext, type Submission } from '../../platform/web/context.ts';
import type { Passwords } from '../passwords/index.ts';
import { isMarked } from './browser.ts';
import { STEP } from './code/step.ts';
import { type Confirmation, confirmAddress, confirmationPurpose, readConfirmation } from './confirmation.ts';
import { events, flashes } from './definitions.ts';
import { linkPage } from './pages.ts';

/** GET /verify-email: keeps the token, then shows a button; nothing is spent (A14). */
export function showLink(core: Core) {
  return async (context: RequestContext) => {
    const withoutToken = await core.linkTokens.receive(context, confirmationPurpose);
    if (withoutToken !== null) return withoutToken;
    core.linkTokens.choose(context, confirmationPurpose);
    const opened = await openedConfirmation(core, context);
    if (opened === 'none') return answerUnopened(core, context, signIn);
    if (opened === 'gone') return showGone(core, context);
    return showForm(core, context, opened, { status: 200, password: null });
  };
}

/**
 * POST /verify-email: the link, and the browser that asked for it or the password. So neither a scanner that presses
 * buttons nor the owner of a mailbox confirms what somebody else has registered. Nobody is signed in by it.
 */
export function submitLink(core: Core, passwords: Passwords) {
  return async ({ context, form }: Submission) => {
    const opened = await openedConfirmation(core, context);
    if (opened === 'none') return answerUnopened(core, context, signIn);
    if (opened === 'gone') return showGone(core, context);
    if (!isMarked(core, context, opened.confirmation.browser)) {
      const again = await askForPassword(core, passwords, { context, form }, opened);
      if (again !== null) return again;
    }
    const { confirmation, token } = opened;
    const { accountId } = confirmation;
    const waiting = await core.pendingSignIns.ofAccount(context, STEP, accountId);
    if (!(await confirmAddress(core, context, confirmation, { token })).ok) return showGone(core, context);
    core.linkTokens.clear(context);
    core.pages.flash(context, flashes.addressConfirmed);
    if (waiting !== null) return core.pages.redirect((await core.continueSignIn(context, waiting.flow)).next);
    return core.pages.redirect(context.signedIn?.user.id === accountId ? paths.account : paths.login);
  };
}

type Opened = { readonly token: string; readonly confirmation: Confirmation };

async function openedConfirmation(core: Core, context: RequestContext): Promise<Opened | 'none' | 'gone'> {
  const opened = await openedLink(core, context, confirmationPurpose);
  if (typeof opened === 'string') return opened;
  return { token: opened.token, confirmation: readConfirmation(opened.found) };
}

/** Counted and bounded as a sign-in is. @returns null for the right one, or the form again */
async function askForPassword(
  core: Core,
  passwords: Passwords,
  { context, form }: Submission,
  opened: Opened,
): Promise<Response | null> {
  const text = messages.emailConfirmation;
  const password = form.text('password');
  if (password === '')
    return showForm(core, context, opened, { status: 422, password: text.passwordMissing });
  const { accountId } = opened.confirmation;
  const { devices, throttle, clock, announce } = core;
  const device = await devices.known(context, accountId, clock());
  const tried = { accountId, name: '', isCommonPassword: passwords.isCommon(password) };
  const counted = limitSignIn(device, context, tried);
  const attempt = await throttle({ context, counted, form, subject: accountId }, async () => {
    const verification = await passwords.verify(accountId, password);
    return { result: verification, verdict: verification === 'right' ? 'succeeded' : 'failed' };
  });
  if (!attempt.ok) {
    const now = clock();
    const tooMany = await tooManyNotice(attempt.refusal, now);
    const again = { status: 429, password: null, tooMany };
    return showForm(core, context, opened, again, refusalHeaders(attempt.refusal, now));
  }
  if (attempt.result === 'right') return null;
  const origin = originOf(context);
  announce(events.addressNotConfirmed, { accountId, reason: 'wrong-password' }, origin);
  passwords.tellIfDisabled(context, accountId, attempt.result);
  return showForm(core, context, opened, { status: 401, password: text.passwordRefused });
}

type FormState = {
  readonly status: number;
  /** What is wrong with the password. */
  readonly password: string | null;
  readonly tooMany?: TooManyNotice;
};

async function showForm(
  core: Core,
  context: RequestContext,
  { confirmation: { accountId, address, browser } }: Opened,
  { status, password, tooMany }: FormState,
  more?: Readonly<Record<string, string>>,
) {
  const { accounts, pages } = core;
  const account = await accounts.read(accountId);
  if (account === null) return showGone(core, context);
  const body = linkPage({
    csrf: pages.csrfToken(context),
    address,
    username: isMarked(core, context, browser) ? account.username : null,
    problem: password,
    tooMany: tooMany ?? null,
  });
  return pages.show(context, status, { title: messages.emailConfirmation.title, body }, more);
}

const signIn = { path: paths.login, label: messages.emailConfirmation.gone.signIn };

function showGone(core: Core, context: RequestContext) {
  const { title, text } = messages.emailConfirmation.gone;
  return answerGone(core, context, { title, text, link: signIn });
}
