import type { Core } from '../../auth/core.ts';
import { messages } from '../../auth/pages/messages.ts';
import { type TooManyNotice, tooManyNotice } from '../../auth/pages/too-many-notice.ts';
import { paths } from '../../auth/paths.ts';
import { requestMail } from '../../auth/requested-mail.ts';
import { refusalHeaders } from '../../platform/rate-limit/index.ts';
import type { RequestContext, Submission } from '../../platform/web/context.ts';
import type { Passwords } from '../passwords/index.ts';
import { flashes, limits } from './definitions.ts';
import { resetMailTo } from './mailing/requested.ts';
import { impossiblePage, requestForm } from './pages.ts';

/** GET /forgot-password: asks who it is, or says whom to ask where no mail can be sent. */
export function showRequest(core: Core) {
  return (context: RequestContext) => {
    if (!core.mail.isPossible) return showImpossible(core, context, 200);
    if (context.typed !== null && context.signedIn !== null) return core.pages.redirect(paths.home);
    const username = context.typed?.text('username') ?? '';
    return showForm(core, context, { status: 200, username, problem: null, tooMany: null });
  };
}

/** POST /forgot-password: one answer for every name (A03). */
export function submitRequest(core: Core, passwords: Passwords) {
  return async ({ context, form }: Submission) => {
    if (!core.mail.isPossible) return showImpossible(core, context, 422);
    const username = form.text('username');
    if (username.trim() === '') {
      const problem = messages.passwordReset.request.missing;
      return showForm(core, context, { status: 422, username, problem, tooMany: null });
    }
    const asked = await requestMail(core, { context, form }, limits['resets-from-address'], () =>
      resetMailTo(core, passwords, username),
    );
    if (!asked.ok) {
      const now = core.clock();
      const tooMany = await tooManyNotice(asked.refusal, now);
      const again = { status: 429, username, problem: null, tooMany };
      return showForm(core, context, again, refusalHeaders(asked.refusal, now));
    }
    core.pages.flash(context, flashes.resetRequested);
    return core.pages.redirect(paths.login);
  };
}

type FormState = {
  readonly status: number;
  readonly username: string;
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
  return pages.show(context, status, { title: messages.passwordReset.request.title, body }, more);
}

function showImpossible({ pages }: Core, context: RequestContext, status: number) {
  const { title } = messages.passwordReset.impossible;
  return pages.show(context, status, { title, body: impossiblePage() });
}
