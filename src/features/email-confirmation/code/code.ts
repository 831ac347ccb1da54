import type { Core } from '../../../auth/core.ts';
import { messages } from '../../../auth/pages/messages.ts';
import { tooManyNotice } from '../../../auth/pages/too-many-notice.ts';
import { refusalHeaders, type TooMany } from '../../../platform/rate-limit/index.ts';
import { originOf, type RequestContext, type Submission } from '../../../platform/web/context.ts';
import { boundTo, confirmAddress, confirmationPurpose, readConfirmation } from '../confirmation.ts';
import { events, flashes } from '../definitions.ts';
import { codePage } from '../pages.ts';
import { limitCodes, resendConfirmation, type Waiting } from '../sending.ts';

/** Where the page with the code stands: in the way of a sign-in, or among the settings of somebody who is signed in. */
export type Place = 'sign-in' | 'account';

export type CodePage = Waiting & { readonly place: Place };

export function showCodePage(core: Core, context: RequestContext, page: CodePage) {
  return show(core, context, 200, page, { code: null, whole: null });
}

/** @returns null once the address is confirmed, or the page again */
export async function submitCode(
  core: Core,
  { context, form }: Submission,
  page: CodePage,
): Promise<Response | null> {
  const text = messages.emailConfirmation;
  const again = (status: number, code: string, more?: Readonly<Record<string, string>>) =>
    show(core, context, status, page, { code, whole: null }, more);
  if (form.text('code').trim() === '') return again(422, text.codeMissing);
  const attempt = await attemptCode(core, { context, form }, page);
  if (!attempt.ok) return again(429, text.codeVoid, refusalHeaders(attempt.refusal, core.clock()));
  const { accountId } = page;
  if (attempt.result) return null;
  core.announce(events.addressNotConfirmed, { accountId, reason: 'wrong-code' }, originOf(context));
  return again(422, text.codeRefused);
}

/**
 * The permit is taken before the code is compared: five tries, however many come at once (A40), until the user has
 * another mail sent. Counted by the account, which may have no code: one that was registered with another account's
 * address behaves the same (A67).
 */
async function attemptCode(core: Core, { context, form }: Submission, { accountId, address }: Waiting) {
  const { oneTimeTokens, oneTimeCodes, throttle, clock } = core;
  const counted = [limitCodes(accountId)];
  return throttle({ context, counted, form, subject: accountId }, async () => {
    const newest = (await oneTimeTokens.ofAccount(confirmationPurpose, accountId, clock())).at(-1);
    const kept = newest === undefined ? null : readConfirmation(newest);
    const isRight = oneTimeCodes.isRight(form.text('code'), kept?.code ?? '', boundTo(accountId));
    if (!isRight || newest === undefined || kept?.address !== address)
      return { result: false, verdict: 'failed' };
    const { ok } = await confirmAddress(core, context, kept, { id: newest.id });
    return { result: ok, verdict: 'succeeded' };
  });
}

/** @returns null once another mail is on its way, or the page again */
export async function submitResend(
  core: Core,
  submission: Submission,
  page: CodePage,
): Promise<Response | null> {
  const outcome = await resendConfirmation(core, submission, page);
  if (!outcome.ok) return showTooMany(core, submission.context, page, outcome.refusal);
  core.pages.flash(submission.context, flashes.confirmationSent);
  return null;
}

async function showTooMany(core: Core, context: RequestContext, page: CodePage, refusal: TooMany) {
  const now = core.clock();
  const { text } = await tooManyNotice(refusal, now);
  return show(core, context, 429, page, { code: null, whole: text }, refusalHeaders(refusal, now));
}

type Problems = { readonly code: string | null; readonly whole: string | null };

function show(
  { pages }: Core,
  context: RequestContext,
  status: number,
  { address, place }: CodePage,
  problems: Problems,
  more?: Readonly<Record<string, string>>,
) {
  const body = codePage({ csrf: pages.csrfToken(context), address, place, problems });
  return pages.show(context, status, { title: messages.emailConfirmation.title, body }, more);
}
