import type { Core } from '../../auth/core.ts';
import { events as authEvents } from '../../auth/definitions.ts';
import { limitReauthentication, limitRepeatedMail } from '../../auth/limits.ts';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import { originOf, type SignedInContext, type Submission } from '../../platform/web/context.ts';
import { safeNextPath, withNext } from '../../platform/web/next-path.ts';
import { acceptProof, type ProofParts, showForm, showTooMany } from './confirm.ts';
import { flashes } from './definitions.ts';
import { mailOffer, sendCode, spendCode } from './mailed-code.ts';

/** POST /account/confirm-by-mail: mails a code to the confirmed address of an account that has nothing stronger. */
export function requestCode(core: Core, parts: ProofParts) {
  return async ({ context, form }: Submission<SignedInContext>) => {
    const next = safeNextPath(form.text('next'), core.settings.baseUrl.origin);
    const offer = await mailOffer(core, context);
    if (offer === null) return core.pages.redirect(withNext(paths.confirm, next));
    const { id: accountId } = context.signedIn.user;
    const counted = limitRepeatedMail(accountId, context);
    const sent = await core.throttle({ context, counted, form, subject: accountId }, async () => {
      await sendCode(core, context, offer.address);
      return { result: null, verdict: 'counted' };
    });
    if (!sent.ok) return showTooMany(core, parts, context, next, sent.refusal);
    core.pages.flash(context, flashes.identityCodeSent);
    return core.pages.redirect(withNext(paths.confirm, next));
  };
}

/** POST /account/confirm-by-mail/code: counted as other proofs of this session are; the permit is taken first (A40). */
export function submitCode(core: Core, parts: ProofParts) {
  return async ({ context, form }: Submission<SignedInContext>) => {
    const next = safeNextPath(form.text('next'), core.settings.baseUrl.origin);
    const offer = await mailOffer(core, context);
    if (offer === null) return core.pages.redirect(withNext(paths.confirm, next));
    const code = form.text('code');
    const { missing: codeMissing, refused: codeRefused } = messages.codeField;
    if (code.trim() === '') return showForm(core, parts, context, 422, next, { code: codeMissing });
    const { user, session } = context.signedIn;
    const counted = limitReauthentication(context);
    const attempt = await core.throttle({ context, counted, form, subject: user.id }, async () => {
      const isRight = await spendCode(core, context, code);
      return { result: isRight, verdict: isRight ? 'succeeded' : 'failed' };
    });
    if (!attempt.ok) return showTooMany(core, parts, context, next, attempt.refusal);
    if (attempt.result) return acceptProof(core, context, 'mail', next);
    const about = { accountId: user.id, sessionId: session.id };
    core.announce(authEvents.identityNotConfirmed, about, originOf(context));
    return showForm(core, parts, context, 401, next, { code: codeRefused });
  };
}
