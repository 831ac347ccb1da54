import type { Core } from '../../auth/core.ts';
import { answerGone, answerUnopened, type OpenedLink, openedLink } from '../../auth/opened-link.ts';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import { forgetSessionOf } from '../../auth/sign-out.ts';
import { deviceOf, originOf, type RequestContext, type Submission } from '../../platform/web/context.ts';
import { beginRecovery } from '../password-reset/index.ts';
import type { Passwords } from '../passwords/index.ts';
import { disowningPurpose } from './notice.ts';
import { disowningForm } from './pages.ts';

/** GET /not-me: keeps the token, then shows a button; nothing is done (A14). */
export function showDisowning(core: Core) {
  return async (context: RequestContext) => {
    const withoutToken = await core.linkTokens.receive(context, disowningPurpose);
    if (withoutToken !== null) return withoutToken;
    core.linkTokens.choose(context, disowningPurpose);
    const opened = await openedLink(core, context, disowningPurpose);
    if (opened === 'none') return answerUnopened(core, context);
    const accountId = opened === 'gone' ? null : opened.found.accountId;
    const account = accountId === null ? null : await core.accounts.read(accountId);
    if (account === null) return showGone(core, context);
    const { username } = account;
    const body = disowningForm({ csrf: core.pages.csrfToken(context), username });
    return core.pages.show(context, 200, { title: messages.newDevice.title, body });
  };
}

/**
 * POST /not-me: every session ends, the password opens nothing any more, and a reset begins. It is done by whoever has
 * the mailbox, and gives them nothing that the reset does not.
 */
export function submitDisowning(core: Core, passwords: Passwords) {
  return async ({ context }: Submission) => {
    const opened = await openedLink(core, context, disowningPurpose);
    if (opened === 'none') return answerUnopened(core, context);
    const accountId = opened === 'gone' ? null : await disown(core, passwords, context, opened);
    if (accountId === null) return showGone(core, context);
    core.announce({ type: 'sign-in-disowned', accountId }, originOf(context));
    core.linkTokens.clear(context);
    forgetSessionOf(core, context, accountId);
    core.pages.flash(context, 'signInDisowned');
    return core.pages.redirect(paths.login);
  };
}

/** @returns whose sign-in it was, or null where the link does not work, or somebody else was faster (A15) */
async function disown(
  core: Core,
  passwords: Passwords,
  context: RequestContext,
  { token, found: { accountId, data: address } }: OpenedLink,
): Promise<string | null> {
  const { database, lifecycle, oneTimeTokens, clock } = core;
  const now = clock();
  if (accountId === null) return null;
  const isDisowned = await database.transaction(async (transaction) => {
    await core.accounts.lock(transaction, accountId);
    const account = await core.accounts.read(accountId, transaction);
    if (account === null || account.email !== address) return false;
    if ((await oneTimeTokens.spend(transaction, disowningPurpose, token, now)) === null) return false;
    const occasion = core.notices.occasionOf(deviceOf(context), now);
    await beginRecovery(core, passwords, transaction, { ...account, email: address }, occasion);
    return true;
  });
  if (!isDisowned) return null;
  // Once more: a sign-in may have begun a session while that was not yet to be seen.
  await lifecycle.signOut(accountId);
  return accountId;
}

function showGone(core: Core, context: RequestContext) {
  const { title, text, reset } = messages.newDevice.gone;
  return answerGone(core, context, { title, text, link: { path: paths.forgotPassword, label: reset } });
}
