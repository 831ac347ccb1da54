import { z } from 'zod';
import { defineAction, definePage, type Refused, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { events as authEvents } from '../../auth/definitions.ts';
import { paths } from '../../auth/paths.ts';
import type { SignedInContext, Submission } from '../../auth/request-context.ts';
import type { ProofKind } from '../../auth/sessions/session.ts';
import { sessionCookie, setSessionCookie } from '../../auth/sessions/session-cookie.ts';
import { fieldWords } from '../../auth/words.ts';
import type { Next } from '../../platform/outcomes/index.ts';
import { enteredOr, originOf } from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { attemptProof, type Passwords, passwordsService } from '../passwords/index.ts';
import { attemptCode, codeWords, isProtected } from '../second-factors/index.ts';
import { events, flashes } from './definitions.ts';
import { mailOffer } from './mailed-code.ts';
import { confirmView } from './pages.ts';
import { confirmWords } from './words.ts';

/** Asks for the password, or leads a user on who gave it just now. */
export const confirmPage = definePage({
  path: '/account/confirm',
  access: 'signed-in',
  needs: { passwords: passwordsService },
  load:
    (core, { passwords }) =>
    async (context) => {
      const { user, session } = context.signedIn;
      const next = core.locations.readNext(enteredOr(context, 'next'));
      if (context.refused === null && core.guard.isFresh(session))
        return core.pages.redirect(core.locations.onward(next));
      return {
        username: user.username,
        next,
        home: core.locations.onward(null),
        hasPassword: (await passwords.version(user.id)) !== null,
        ...(await offers(core, context)),
      };
    },
  view: confirmView,
});

/** The second factor, where there is one, or a passkey; neither a provider nor a mail stands for it (A38). */
async function offers(core: Core, context: SignedInContext) {
  const { id } = context.signedIn.user;
  const all = await core.slots().reauthenticationButtons(id);
  if (!(await isProtected(core, id)))
    return { asksForCode: false, buttons: all, mail: await mailOffer(core, context) };
  const buttons = all.filter(({ draw }) => draw !== undefined);
  return { asksForCode: true, buttons, mail: null };
}

export const sessionReplaced = {
  status: 409,
  text: (words: Wording) => words(confirmWords).sessionReplaced,
} as const;

type Given = { readonly password: string; readonly code: string };
type ConfirmRefusal = Refused<'password-missing' | 'password-refused' | 'code-missing' | 'code-refused'>;

/**
 * The password of the user who is signed in, and of no other; where the account has a second factor, that as well, or alone
 * without a password (A38).
 */
export const confirm = defineAction({
  path: '/account/confirm',
  access: 'signed-in',
  capacity: 'hashing',
  needs: { passwords: passwordsService },
  input: z.object({ password: text(), code: text(), next: text() }),
  reasons: {
    'password-missing': {
      status: 422,
      field: 'password',
      text: (words) => words(fieldWords).passwordMissing,
    },
    'password-refused': { status: 401, text: (words) => words(confirmWords).refused },
    'code-missing': { status: 422, field: 'code', text: (words) => words(codeWords).missing },
    'code-refused': { status: 401, field: 'code', text: (words) => words(codeWords).refused },
    'session-replaced': sessionReplaced,
  },
  run:
    (core, { passwords }) =>
    async ({ context, form, input }) => {
      const { id } = context.signedIn.user;
      const asksForCode = await isProtected(core, id);
      const asksForPassword = !asksForCode || (await passwords.version(id)) !== null;
      const missing = [
        ...(asksForPassword && input.password === '' ? [{ reason: 'password-missing' as const }] : []),
        ...(asksForCode && input.code.trim() === '' ? [{ reason: 'code-missing' as const }] : []),
      ];
      if (missing.length > 0) return { ok: false, problems: missing };
      const submission = { context, form };
      const refusal = asksForPassword ? await tryPassword(core, passwords, submission, input) : null;
      if (refusal !== null) return refusal;
      const factor = asksForCode ? await tryCode(core, submission, input) : null;
      if (factor !== null && 'ok' in factor) return factor;
      const by = asksForPassword ? 'password' : 'second-factor';
      return renew(core, context, { by, factor: factor?.kind ?? null }, input.next);
    },
});

async function tryPassword(
  core: Core,
  passwords: Passwords,
  submission: Submission<SignedInContext>,
  { password }: Given,
): Promise<ConfirmRefusal | null> {
  const attempt = await attemptProof(core, passwords, submission, password);
  if (!attempt.ok) return attempt;
  if (attempt.result) return null;
  announceRefusal(core, submission.context);
  return { ok: false, problems: [{ reason: 'password-refused' }] };
}

/** @returns the factor that was proven */
async function tryCode(
  core: Core,
  submission: Submission<SignedInContext>,
  { code }: Given,
): Promise<ConfirmRefusal | { readonly kind: string }> {
  const { id: accountId } = submission.context.signedIn.user;
  const attempt = await attemptCode(core, submission, { accountId, text: code, kind: null });
  if (!attempt.ok) return attempt;
  if (attempt.result !== null) return { kind: attempt.result.kind };
  announceRefusal(core, submission.context);
  return { ok: false, problems: [{ reason: 'code-refused' }] };
}

export function announceRefusal({ announce }: Core, context: SignedInContext): void {
  const { user, session } = context.signedIn;
  const about = { accountId: user.id, sessionId: session.id };
  announce(authEvents.identityNotConfirmed, about, originOf(context));
}

/** By what the user has authenticated again, and with which second factor; null where the account has none. */
type Renewal = { readonly by: ProofKind; readonly factor: string | null };

/** The same as `acceptProof`, as the outcome of an action. @param wanted what the client sent as the next page */
export async function renew(core: Core, context: SignedInContext, renewal: Renewal, wanted: string) {
  const next = core.locations.readNext(wanted);
  const accepted = await acceptRenewal(core, context, renewal, next);
  if (accepted.ok) return accepted;
  const problems = [{ reason: 'session-replaced' as const }];
  return { ok: false as const, problems, instead: { next: accepted.next } };
}

type Accepted = (Next & { readonly ok: true }) | { readonly ok: false; readonly next: string };

/**
 * A user who is signed in has authenticated again: a new token for the session, the old one void (A09), and on to what
 * was wanted. If what was proven was changed meanwhile, perhaps in this very session, which then has another token and
 * proof, the session stays with that request (A11).
 */
async function acceptRenewal(
  core: Core,
  context: SignedInContext,
  { by, factor }: { readonly by: ProofKind; readonly factor?: string | null | undefined },
  next: string | null,
): Promise<Accepted> {
  const { user, session } = context.signedIn;
  const now = core.clock();
  // Only what this request has seen is cleared: one may be set up in this session at the same moment.
  const hasNone = session.secondFactor === null && !session.isFactorRemembered;
  const kept = factor === null && hasNone ? undefined : factor;
  const token = await core.sessions.renew(context.signedIn, now, {
    by,
    factor: kept,
    follows: session.proof,
  });
  if (token === null) {
    // Ended from elsewhere, which a proof does not undo, or renewed: the browser may have the token of that by now.
    context.cookies.delete(sessionCookie.name);
    return { ok: false, next: paths.login };
  }
  setSessionCookie(core.cookies, context, { ...session, token }, now);
  const about = { accountId: user.id, sessionId: session.id };
  core.announce(events.identityConfirmed, about, originOf(context));
  // A download leaves the page that it was asked from on the screen, and this one would ask for the password for ever.
  const onward = core.locations.onward(next);
  if (onward !== paths.exportData) return { ok: true, next: onward };
  return { ok: true, next: paths.account, flashes: [flashes.exportConfirmed] };
}

/** The same for what is no second factor: an account that has one still asks for it, as it keeps the time of the last one. */
export async function acceptProof(
  core: Core,
  context: SignedInContext,
  by: ProofKind,
  next: string | null,
): Promise<Accepted> {
  const factor = (await isProtected(core, context.signedIn.user.id)) ? undefined : null;
  return acceptRenewal(core, context, { by, factor }, next);
}
