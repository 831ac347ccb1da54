import type { Core } from '../../core/core.ts';
import type { Queries } from '../../core/database/schema.ts';
import { deviceOf, originOf, type RequestContext, type Submission } from '../../core/http/context.ts';
import { messages } from '../../core/pages/messages.ts';
import { paths } from '../../core/paths.ts';
import { queueReset } from '../password-reset/index.ts';
import type { Passwords } from '../passwords/index.ts';
import { disowningPurpose } from './notice.ts';
import { disowningForm, gonePage } from './pages.ts';

/** GET /not-me: keeps the token, then shows a button; nothing is done (A14). */
export function showDisowning(core: Core) {
  return async (context: RequestContext) => {
    const withoutToken = core.linkTokens.receive(context, disowningPurpose);
    if (withoutToken !== null) return withoutToken;
    const token = core.linkTokens.read(context, disowningPurpose);
    if (token === null) return core.pages.redirect(paths.login);
    const found = await core.oneTimeTokens.read(disowningPurpose, token, core.clock());
    if (found === null) return showGone(core, context);
    const body = disowningForm({ csrf: core.pages.csrfToken(context) });
    return core.pages.show(context, 200, { title: messages.newDevice.title, body });
  };
}

/**
 * POST /not-me: every session ends, the password opens nothing any more, and a reset begins. It is done by whoever has
 * the mailbox, and gives them nothing that the reset does not.
 */
export function submitDisowning(core: Core, passwords: Passwords) {
  return async ({ context }: Submission) => {
    const token = core.linkTokens.read(context, disowningPurpose);
    if (token === null) return core.pages.redirect(paths.login);
    const accountId = await disown(core, passwords, context, token);
    if (accountId === null) return showGone(core, context);
    core.announce({ type: 'sign-in-disowned', accountId }, originOf(context));
    core.linkTokens.clear(context);
    if (context.signedIn?.user.id === accountId)
      context.cookies.set('session', core.cookies.clear('session'));
    core.pages.flash(context, 'signInDisowned');
    return core.pages.redirect(paths.login);
  };
}

/** @returns whose sign-in it was, or null where the link does not work, or somebody else was faster (A15) */
async function disown(
  core: Core,
  passwords: Passwords,
  context: RequestContext,
  token: string,
): Promise<string | null> {
  const { database, lifecycle, oneTimeTokens, clock } = core;
  const now = clock();
  const found = await oneTimeTokens.read(disowningPurpose, token, now);
  if (found === null || found.accountId === null) return null;
  const { accountId, data: address } = found;
  const version = await passwords.version(accountId);
  const isDisowned = await database.transaction(async (transaction) => {
    await core.accounts.lock(transaction, accountId);
    const account = await core.accounts.read(accountId, transaction);
    if (account === null || account.email !== address) return false;
    if ((await oneTimeTokens.spend(transaction, disowningPurpose, token, now)) === null) return false;
    await closeAccount(core, passwords, transaction, accountId);
    if (account.disabledAt !== null) return true;
    const occasion = core.notices.occasionOf(deviceOf(context), now);
    await queueReset(core, transaction, { account: { ...account, email: address }, version }, occasion);
    return true;
  });
  if (!isDisowned) return null;
  // Once more: a sign-in may have begun a session while that was not yet to be seen.
  await lifecycle.signOut(accountId);
  return accountId;
}

async function closeAccount(
  { oneTimeTokens, lifecycle, forgetOtherWaysIn }: Core,
  passwords: Passwords,
  transaction: Queries,
  accountId: string,
): Promise<void> {
  await oneTimeTokens.voidAfterRecovery(transaction, accountId);
  await lifecycle.signOut(accountId, transaction);
  await passwords.disable(transaction, accountId);
  await forgetOtherWaysIn(transaction, accountId);
}

/** One answer to those that were spent, have run out or never were (A13). */
function showGone({ pages, linkTokens }: Core, context: RequestContext) {
  linkTokens.clear(context);
  return pages.show(context, 410, { title: messages.newDevice.gone.title, body: gonePage() });
}
