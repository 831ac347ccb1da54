import { z } from 'zod';
import { defineAction, definePage, type Next, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { events as authEvents } from '../../auth/definitions.ts';
import { paths } from '../../auth/paths.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import type { ProofKind } from '../../auth/sessions/session.ts';
import { sessionCookie, setSessionCookie } from '../../auth/sessions/session-cookie.ts';
import { fieldWords } from '../../auth/words.ts';
import { enteredOr, originOf } from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { attemptProof, passwordsService } from '../passwords/index.ts';
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
        buttons: await core.slots().reauthenticationButtons(user.id),
        mail: await mailOffer(core, context),
      };
    },
  view: confirmView,
});

export const sessionReplaced = {
  status: 409,
  text: (words: Wording) => words(confirmWords).sessionReplaced,
} as const;

/** The password of the user who is signed in, and of no other (A38). */
export const confirm = defineAction({
  path: '/account/confirm',
  access: 'signed-in',
  capacity: 'hashing',
  needs: { passwords: passwordsService },
  input: z.object({ password: text(), next: text() }),
  reasons: {
    'password-missing': {
      status: 422,
      field: 'password',
      text: (words) => words(fieldWords).passwordMissing,
    },
    'password-refused': { status: 401, text: (words) => words(confirmWords).refused },
    'session-replaced': sessionReplaced,
  },
  run:
    (core, { passwords }) =>
    async ({ context, form, input: { password, next } }) => {
      if (password === '') return { ok: false, problems: [{ reason: 'password-missing' }] };
      const attempt = await attemptProof(core, passwords, { context, form }, password);
      if (!attempt.ok) return { ok: false, reason: 'too-many', refusal: attempt.refusal };
      if (!attempt.result) {
        announceRefusal(core, context);
        return { ok: false, problems: [{ reason: 'password-refused' }] };
      }
      return renew(core, context, 'password', next);
    },
});

export function announceRefusal({ announce }: Core, context: SignedInContext): void {
  const { user, session } = context.signedIn;
  const about = { accountId: user.id, sessionId: session.id };
  announce(authEvents.identityNotConfirmed, about, originOf(context));
}

/** The same as `acceptProof`, as the outcome of an action. @param wanted what the client sent as the next page */
export async function renew(core: Core, context: SignedInContext, by: ProofKind, wanted: string) {
  const next = core.locations.readNext(wanted);
  const accepted = await acceptProof(core, context, by, next);
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
export async function acceptProof(
  core: Core,
  context: SignedInContext,
  by: ProofKind,
  next: string | null,
): Promise<Accepted> {
  const { user, session } = context.signedIn;
  const now = core.clock();
  const token = await core.sessions.renew(context.signedIn, now, { by, follows: session.proof });
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
