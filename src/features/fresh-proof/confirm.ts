import type { Core } from '../../auth/core.ts';
import { events as authEvents } from '../../auth/definitions.ts';
import { messages } from '../../auth/pages/messages.ts';
import { tooManyNotice } from '../../auth/pages/too-many-notice.ts';
import { paths } from '../../auth/paths.ts';
import type { ProofKind } from '../../auth/sessions/session.ts';
import { refusalHeaders, type TooMany } from '../../platform/rate-limit/index.ts';
import { enteredOr, originOf, type SignedInContext, type Submission } from '../../platform/web/context.ts';
import { safeNextPath } from '../../platform/web/next-path.ts';
import { attemptProof, type Passwords } from '../passwords/index.ts';
import { events, flashes } from './definitions.ts';
import { mailOffer } from './mailed-code.ts';
import { type ConfirmProblem, confirmForm } from './pages.ts';

export type ProofParts = { readonly passwords: Passwords };

/** GET /account/confirm: asks for the password, or sends on whoever gave it just now. */
export function showConfirm(core: Core, parts: ProofParts) {
  return (context: SignedInContext) => {
    const next = safeNextPath(enteredOr(context, 'next'), core.settings.baseUrl.origin);
    if (core.guard.isFresh(context.signedIn.session)) return core.pages.redirect(next ?? paths.home);
    return showForm(core, parts, context, 200, next, null);
  };
}

/**
 * POST /account/confirm: the password of whoever is signed in, and of nobody else (A38) → a new token for the session,
 * the old one dead (A09) → on to what was wanted.
 */
export function submitConfirm(core: Core, parts: ProofParts) {
  const { passwords } = parts;
  return async ({ context, form }: Submission<SignedInContext>) => {
    const next = safeNextPath(form.text('next'), core.settings.baseUrl.origin);
    const password = form.text('password');
    if (password === '') return showForm(core, parts, context, 422, next, 'missing');
    const { user, session } = context.signedIn;
    const about = { accountId: user.id, sessionId: session.id };
    const attempt = await attemptProof(core, passwords, { context, form }, password);
    if (!attempt.ok) return showTooMany(core, parts, context, next, attempt.refusal);
    if (!attempt.result) {
      core.announce(authEvents.identityNotConfirmed, about, originOf(context));
      return showForm(core, parts, context, 401, next, 'refused');
    }
    return acceptProof(core, context, 'password', next);
  };
}

/**
 * Somebody who is signed in has just proven anew who they are: a new token for the session, the old one dead (A09), and on
 * to what was wanted. What was proven was changed meanwhile, perhaps in this very session, which then has another token
 * and proof: with what was right before nobody takes it over (A11).
 */
export async function acceptProof(core: Core, context: SignedInContext, by: ProofKind, next: string | null) {
  const { user, session } = context.signedIn;
  const now = core.clock();
  const token = await core.sessions.renew(context.signedIn, now, { by, follows: session.proof });
  if (token === null) {
    // Ended from elsewhere, which a proof does not undo, or renewed: the browser may have the token of that by now.
    context.cookies.delete('session');
    return core.pages.redirect(paths.login);
  }
  context.cookies.set('session', core.cookies.session({ ...session, token }, now));
  const about = { accountId: user.id, sessionId: session.id };
  core.announce(events.identityConfirmed, about, originOf(context));
  return goOn(core, context, next);
}

export async function showTooMany(
  core: Core,
  parts: ProofParts,
  context: SignedInContext,
  next: string | null,
  refusal: TooMany,
) {
  const now = core.clock();
  const notice = await tooManyNotice(refusal, now);
  return showForm(core, parts, context, 429, next, notice, refusalHeaders(refusal, now));
}

// A download leaves the page that it was asked from on the screen, and this one would ask for the password for ever.
function goOn({ pages }: Core, context: SignedInContext, next: string | null) {
  if (next !== paths.exportData) return pages.redirect(next ?? paths.home);
  pages.flash(context, flashes.exportConfirmed);
  return pages.redirect(paths.account);
}

export async function showForm(
  core: Core,
  { passwords }: ProofParts,
  context: SignedInContext,
  status: number,
  next: string | null,
  problem: ConfirmProblem | null,
  more?: Readonly<Record<string, string>>,
) {
  const { pages } = core;
  const { id, username } = context.signedIn.user;
  const body = confirmForm({
    csrf: pages.csrfToken(context),
    username,
    next,
    problem,
    hasPassword: (await passwords.version(id)) !== null,
    buttons: await core.slots().freshProofButtons(id),
    mail: await mailOffer(core, context),
  });
  return pages.show(context, status, { title: messages.confirm.title, body }, more);
}
