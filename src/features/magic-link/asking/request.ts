import type { Core } from '../../../auth/core.ts';
import { paths } from '../../../auth/paths.ts';
import { requestMail } from '../../../auth/requested-mail.ts';
import { refusalHeaders, type TooManyNotice, tooManyNotice } from '../../../platform/rate-limit/index.ts';
import { enteredOr, type RequestContext, type Submission } from '../../../platform/web/context.ts';
import { safeNextPath } from '../../../platform/web/next-path.ts';
import { limits } from '../definitions.ts';
import { requestForm } from '../pages.ts';
import { magicLinkWords } from '../words.ts';
import { linkMailTo } from './mailing.ts';
import { rememberRequest } from './request-cookie.ts';

/** The longest name that is looked for, in characters; addresses have at most 254. */
const LONGEST_NAME = 300;

/** GET /login/link: asks who it is. */
export function showRequest(core: Core) {
  return (context: RequestContext) => {
    const next = safeNextPath(enteredOr(context, 'next'), core.settings.baseUrl.origin);
    if (context.signedIn !== null) return core.pages.redirect(next ?? paths.home);
    const isRemembered = (context.typed?.text('remember') ?? '') !== '';
    const typed = { username: context.typed?.text('username') ?? '', isRemembered, next };
    return showForm(core, context, { ...typed, status: 200, problem: null, tooMany: null });
  };
}

/** POST /login/link: one answer for every name (A03). */
export function submitRequest(core: Core) {
  return async ({ context, form }: Submission) => {
    const username = form.text('username').slice(0, LONGEST_NAME);
    const isRemembered = form.text('remember') !== '';
    const next = safeNextPath(form.text('next'), core.settings.baseUrl.origin);
    const typed = { username, isRemembered, next };
    if (username.trim() === '') {
      const problem = magicLinkWords.request.missing;
      return showForm(core, context, { ...typed, status: 422, problem, tooMany: null });
    }
    const outcome = await requestMail(core, { context, form }, limits['links-from-address'], () =>
      linkMailTo(core, rememberRequest(core, context, { name: username, isRemembered, next })),
    );
    if (!outcome.ok) {
      const now = core.clock();
      const tooMany = await tooManyNotice(context.words, outcome.refusal, now);
      const again = { ...typed, status: 429, problem: null, tooMany };
      return showForm(core, context, again, refusalHeaders(outcome.refusal, now));
    }
    return core.pages.redirect(paths.signInLinkSent);
  };
}

type FormState = {
  readonly status: number;
  readonly username: string;
  readonly isRemembered: boolean;
  readonly next: string | null;
  readonly problem: string | null;
  readonly tooMany: TooManyNotice | null;
};

function showForm(
  { pages }: Core,
  context: RequestContext,
  { status, ...state }: FormState,
  more?: Readonly<Record<string, string>>,
) {
  const body = requestForm({ ...state, csrf: pages.csrfToken(context) });
  return pages.show(context, status, { title: magicLinkWords.request.title, body }, more);
}
