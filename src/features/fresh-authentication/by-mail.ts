import { z } from 'zod';
import { defineAction, text } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import { withNext } from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { limitReauthentication } from '../passwords/index.ts';
import { codeFieldWords, limitRepeatedMail } from '../requested-mail/index.ts';
import { announceRefusal, renew, sessionReplaced } from './confirm.ts';
import { flashes } from './definitions.ts';
import { mailOffer, sendCode, spendCode } from './mailed-code.ts';
import { confirmWords } from './words.ts';

const unavailable = {
  status: 409,
  text: (words: Wording) => words(confirmWords).mail.unavailable,
} as const;

/** Mails a code to the confirmed address of an account that has nothing stronger. */
export const requestCode = defineAction({
  path: '/account/confirm-by-mail',
  page: '/account/confirm',
  access: 'signed-in',
  input: z.object({ next: text() }),
  reasons: { 'mail-unavailable': unavailable },
  run:
    (core) =>
    async ({ context, form, input }) => {
      const next = withNext(paths.confirm, core.locations.readNext(input.next));
      const offer = await mailOffer(core, context);
      if (offer === null) return { ok: false, problems: [{ reason: 'mail-unavailable' }], instead: { next } };
      const { id: subject } = context.signedIn.user;
      const counted = limitRepeatedMail(subject, context);
      const sent = await core.throttle({ context, counted, form, subject }, async () => {
        await sendCode(core, context, offer.address);
        return { result: null, verdict: 'counted' };
      });
      if (!sent.ok) return { ok: false, reason: 'too-many', refusal: sent.refusal };
      return { ok: true, next, flashes: [flashes.identityCodeSent] };
    },
});

/** Counted as other proofs of this session are; the permit is taken first (A40). */
export const submitCode = defineAction({
  path: '/account/confirm-by-mail/code',
  page: '/account/confirm',
  access: 'signed-in',
  input: z.object({ code: text(), next: text() }),
  reasons: {
    'mail-unavailable': unavailable,
    'code-missing': { status: 422, field: 'code', text: (words) => words(codeFieldWords).missing },
    'code-refused': { status: 401, field: 'code', text: (words) => words(codeFieldWords).refused },
    'session-replaced': sessionReplaced,
  },
  run:
    (core) =>
    async ({ context, form, input: { code, next } }) => {
      if ((await mailOffer(core, context)) === null) {
        const instead = { next: withNext(paths.confirm, core.locations.readNext(next)) };
        return { ok: false, problems: [{ reason: 'mail-unavailable' }], instead };
      }
      if (code.trim() === '') return { ok: false, problems: [{ reason: 'code-missing' }] };
      const counted = limitReauthentication(context);
      const { id: subject } = context.signedIn.user;
      const attempt = await core.throttle({ context, counted, form, subject }, async () => {
        const isRight = await spendCode(core, context, code);
        return { result: isRight, verdict: isRight ? 'succeeded' : 'failed' };
      });
      if (!attempt.ok) return { ok: false, reason: 'too-many', refusal: attempt.refusal };
      if (attempt.result) return renew(core, context, { by: 'mail', factor: null }, next);
      announceRefusal(core, context);
      return { ok: false, problems: [{ reason: 'code-refused' }] };
    },
});
