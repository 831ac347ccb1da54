import { z } from 'zod';
import { defineAction, definePage, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { events as authEvents } from '../../auth/definitions.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { Submission } from '../../auth/request-context.ts';
import { limitAddress } from '../../platform/rate-limit/index.ts';
import { UNKNOWN_ID } from '../../platform/text/index.ts';
import { originOf } from '../../platform/web/index.ts';
import { codeFieldWords } from '../requested-mail/index.ts';
import { cookies, limits, tokens } from './definitions.ts';
import { codeView } from './pages.ts';
import { requestOf, type SignInRequest } from './request-cookie.ts';
import { boundTo, completeRequest, linkOf, type SignInLink } from './sign-in-link.ts';
import { codeWords } from './words.ts';

/** Says that a mail may be on its way, and takes its code. */
export const codePage = definePage({
  path: '/login/link/sent',
  access: 'public',
  load:
    (core) =>
    (context): null | Response => {
      core.flows.choose(context, cookies.asked);
      return requestOf(core, context, context.flow) === null ? core.pages.redirect('/login/link') : null;
    },
  view: codeView,
});

/** The code, in the browser that requested it. */
export const submitCode = defineAction({
  path: '/login/link/sent',
  access: 'public',
  input: z.object({ code: text() }),
  reasons: {
    'code-missing': { status: 422, field: 'code', text: (words) => words(codeFieldWords).missing },
    'code-refused': { status: 401, field: 'code', text: (words) => words(codeFieldWords).refused },
    'not-requested': {
      status: 409,
      text: (words) => words(codeWords).notRequested,
      instead: { next: '/login/link' },
    },
  },
  run:
    (core) =>
    async ({ context, form, input: { code } }) => {
      const request = requestOf(core, context, context.flow);
      if (request === null) return { ok: false, problems: [{ reason: 'not-requested' }] };
      if (code.trim() === '') return { ok: false, problems: [{ reason: 'code-missing' }] };
      const attempt = await attemptCode(core, { context, form }, request, code);
      if (!attempt.ok) return attempt;
      const { link, accountId } = attempt.result;
      if (link !== null) return { ok: true, ...(await completeRequest(core, context, link, request)) };
      core.announce(authEvents.signInRefused, { accountId, reason: 'wrong-code' }, originOf(context));
      return { ok: false, problems: [{ reason: 'code-refused' }] };
    },
});

/**
 * The permit is taken before the code is compared: five attempts in one browser, also when they race (A40). Counted by the
 * browser, so that the answer is the same where no account has the name; and by address, because a client can invent
 * browsers (A04).
 */
async function attemptCode(core: Core, { context, form }: Submission, request: SignInRequest, code: string) {
  const accountId = await core.accounts.find(request.name);
  const counted = [
    { limit: limits['sign-in-codes'], key: request.browser },
    ...limitAddress(limits['sign-in-codes-from-address'], context),
  ];
  return core.throttle({ context, counted, form, subject: accountId }, async () => {
    const link = await spendCode(core, code, request, accountId ?? UNKNOWN_ID);
    return { result: { link, accountId }, verdict: link === null ? 'failed' : 'succeeded' };
  });
}

async function spendCode(
  { oneTimeTokens, oneTimeCodes, database, clock }: Core,
  typed: string,
  { browser }: SignInRequest,
  accountId: AccountId,
): Promise<SignInLink | null> {
  const purpose = tokens['magic-link'];
  const outstanding = await oneTimeTokens.ofAccount(purpose, accountId, clock());
  const own = outstanding.find((token) => linkOf(token).browser === browser);
  const link = own === undefined ? null : linkOf(own);
  const isRight = oneTimeCodes.isRight(typed, link?.code ?? '', boundTo(accountId, browser));
  if (!isRight || own === undefined) return null;
  const isSpent = await database.transaction((transaction) =>
    oneTimeTokens.spendById(transaction, purpose, own.id),
  );
  return isSpent ? link : null;
}
