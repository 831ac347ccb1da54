import type { Core } from '../../auth/core.ts';
import { events as authEvents } from '../../auth/definitions.ts';
import { limitAddress } from '../../auth/limits.ts';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import { refusalHeaders } from '../../platform/rate-limit/index.ts';
import { NOBODY } from '../../platform/text/index.ts';
import { originOf, type RequestContext, type Submission } from '../../platform/web/context.ts';
import { type Asked, requestOf } from './asking/request-cookie.ts';
import { limits, tokens } from './definitions.ts';
import { enter } from './entry.ts';
import { boundTo, linkOf, type SignInLink } from './link-token.ts';
import { sentPage } from './pages.ts';
import { magicLinkWords } from './words.ts';

const text = magicLinkWords.sent;

/** GET /login/link/sent: says that a mail may be on its way, and takes its code. */
export function showSent(core: Core) {
  return (context: RequestContext) => {
    core.flows.choose(context, 'asked');
    if (requestOf(core, context, context.flow) === null) return core.pages.redirect(paths.signInLink);
    return show(core, context, 200, null);
  };
}

/** POST /login/link/sent: the code, in the browser that asked for it. */
export function submitCode(core: Core) {
  return async ({ context, form }: Submission) => {
    const asked = requestOf(core, context, context.flow);
    if (asked === null) return core.pages.redirect(paths.signInLink);
    if (form.text('code').trim() === '') return show(core, context, 422, messages.codeField.missing);
    const attempt = await attemptCode(core, { context, form }, asked);
    if (!attempt.ok) {
      const headers = refusalHeaders(attempt.refusal, core.clock());
      return show(core, context, 429, text.codeVoid, headers);
    }
    const { link, accountId } = attempt.result;
    if (link !== null) return core.pages.redirect(await enter(core, context, link, asked));
    core.announce(authEvents.signInRefused, { accountId, reason: 'wrong-code' }, originOf(context));
    return show(core, context, 401, messages.codeField.refused);
  };
}

/**
 * The place is taken before the code is compared: five tries in one browser, however many come at once (A40). Counted by
 * the browser, so that whoever asks for somebody who is not there hears the same; and by where it is, for anybody can
 * make up browsers (A04).
 */
async function attemptCode(core: Core, { context, form }: Submission, asked: Asked) {
  const accountId = await core.accounts.find(asked.name);
  const counted = [
    { limit: limits['sign-in-codes'], key: asked.browser },
    ...limitAddress(limits['sign-in-codes-from-address'], context),
  ];
  return core.throttle({ context, counted, form, subject: accountId }, async () => {
    const link = await spendCode(core, form.text('code'), asked, accountId ?? NOBODY);
    return { result: { link, accountId }, verdict: link === null ? 'failed' : 'succeeded' };
  });
}

async function spendCode(
  { oneTimeTokens, oneTimeCodes, database, clock }: Core,
  typed: string,
  { browser }: Asked,
  accountId: string,
): Promise<SignInLink | null> {
  const outstanding = await oneTimeTokens.ofAccount(tokens['magic-link'], accountId, clock());
  const own = outstanding.find((token) => linkOf(token).browser === browser);
  const link = own === undefined ? null : linkOf(own);
  const isRight = oneTimeCodes.isRight(typed, link?.code ?? '', boundTo(accountId, browser));
  if (!isRight || own === undefined) return null;
  const isSpent = await database.transaction((transaction) =>
    oneTimeTokens.spendById(transaction, tokens['magic-link'], own.id),
  );
  return isSpent ? link : null;
}

function show(
  { pages }: Core,
  context: RequestContext,
  status: number,
  problem: string | null,
  more?: Readonly<Record<string, string>>,
) {
  const body = sentPage({ csrf: pages.csrfToken(context), problem });
  return pages.show(context, status, { title: text.title, body }, more);
}
