import type { Core } from '../../auth/core.ts';
import { answerGone, answerUnopened, type OpenedLink, openedLink } from '../../auth/opened-link.ts';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext, Submission } from '../../platform/web/context.ts';
import { beginRecovery } from '../password-reset/index.ts';
import type { Passwords } from '../passwords/index.ts';
import { changes, flashes } from './definitions.ts';
import { reportPurpose } from './notice.ts';
import { reportForm } from './pages.ts';

/** GET /not-me: keeps the token, then shows a button; nothing is done (A14). */
export function showReport(core: Core) {
  return async (context: RequestContext) => {
    const withoutToken = await core.linkTokens.receive(context, reportPurpose);
    if (withoutToken !== null) return withoutToken;
    core.linkTokens.choose(context, reportPurpose);
    const opened = await openedLink(core, context, reportPurpose);
    if (opened === 'none') return answerUnopened(core, context);
    const accountId = opened === 'gone' ? null : opened.found.accountId;
    const account = accountId === null ? null : await core.accounts.read(accountId);
    if (account === null) return showGone(core, context);
    const { username } = account;
    const body = reportForm({ csrf: core.pages.csrfToken(context), username });
    return core.pages.show(context, 200, { title: messages.newDevice.title, body });
  };
}

/**
 * POST /not-me: every session ends, the password is disabled, and a reset begins. The owner of the mailbox does it, and
 * gains nothing that the reset does not give.
 */
export function submitReport(core: Core, passwords: Passwords) {
  return async ({ context }: Submission) => {
    const opened = await openedLink(core, context, reportPurpose);
    if (opened === 'none') return answerUnopened(core, context);
    const accountId = opened === 'gone' ? null : opened.found.accountId;
    if (opened === 'gone' || accountId === null) return showGone(core, context);
    if (!(await report(core, passwords, context, accountId, opened)).ok) return showGone(core, context);
    core.linkTokens.clear(context);
    core.pages.flash(context, flashes.signInDisowned);
    return core.pages.redirect(paths.login);
  };
}

function report(
  core: Core,
  passwords: Passwords,
  context: RequestContext,
  accountId: string,
  { token, found: { data: address } }: OpenedLink,
) {
  return core.changeCredential(context, changes.signInReported, {
    accountId,
    token: { purpose: reportPurpose, token },
    apply: async (transaction, occasion) => {
      const account = await core.accounts.read(accountId, transaction);
      if (account === null || account.email !== address) return false;
      await beginRecovery(core, passwords, transaction, { ...account, email: address }, occasion);
      return true;
    },
    event: { type: 'sign-in-disowned', accountId },
  });
}

function showGone(core: Core, context: RequestContext) {
  const { title, text, reset } = messages.newDevice.gone;
  return answerGone(core, context, { title, text, link: { path: paths.forgotPassword, label: reset } });
}
