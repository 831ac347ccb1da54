import type { Account } from '../../auth/accounts/accounts.ts';
import type { Core } from '../../auth/core.ts';
import type { Occasion } from '../../auth/mail/message.ts';
import { answerGone, answerUnopened, openedLink } from '../../auth/opened-link.ts';
import { messages } from '../../auth/pages/messages.ts';
import { paths, withNext } from '../../auth/paths.ts';
import type { Queries } from '../../auth/schema.ts';
import { Abandoned, attempt } from '../../platform/sql/attempt.ts';
import {
  deviceOf,
  originOf,
  type RequestContext,
  type SignedInContext,
  type Submission,
} from '../../platform/web/context.ts';
import { withFlow } from '../../platform/web/flows.ts';
import { type Change, changePurpose, giveUpElsewhere, readChange, undoPurpose } from './change-token.ts';
import { confirmForm } from './pages.ts';

/** GET /account/email/confirm: keeps the token, has somebody sign in who is not, and shows a button (A14). */
export function showConfirmation(core: Core) {
  return async (context: RequestContext) => {
    const withoutToken = await core.linkTokens.receive(context, changePurpose);
    if (withoutToken !== null) return withoutToken;
    core.linkTokens.choose(context, changePurpose);
    if (core.linkTokens.read(context, changePurpose) === null) return answerUnopened(core, context);
    if (context.signedIn === null)
      return core.pages.redirect(withNext(paths.login, withFlow(paths.confirmEmailChange, context.flow)));
    const opened = await openedChange(core, context, context.signedIn.user.id);
    if (opened === 'none') return answerUnopened(core, context);
    if (opened === 'gone') return showGone(core, context);
    const { user } = context.signedIn;
    const csrf = core.pages.csrfToken(context);
    const body = confirmForm({ csrf, username: user.username, address: opened.change.to.address });
    return core.pages.show(context, 200, { title: messages.emailChange.confirm.title, body });
  };
}

/**
 * POST /account/email/confirm: the link, and the session of the account that asked for it: a scanner that presses buttons
 * has none. The address changes, every other session ends, and this one gets another token (A11).
 */
export function submitConfirmation(core: Core) {
  return async ({ context }: Submission<SignedInContext>) => {
    const { user, session } = context.signedIn;
    const opened = await openedChange(core, context, user.id);
    if (opened === 'none') return answerUnopened(core, context);
    const changed = opened === 'gone' ? null : await changeAddress(core, context, opened);
    if (changed === null) return showGone(core, context);
    core.announce({ type: 'address-changed', accountId: user.id }, originOf(context));
    core.linkTokens.clear(context);
    core.pages.flash(context, 'addressChanged');
    const cookie = core.cookies.session({ ...session, token: changed.token }, changed.now);
    context.cookies.set('session', cookie);
    return core.pages.redirect(paths.account);
  };
}

type Opened = { readonly token: string; readonly change: Change };

/** Somebody else’s link is answered like one that does not work. */
async function openedChange(
  core: Core,
  context: RequestContext,
  accountId: string,
): Promise<Opened | 'none' | 'gone'> {
  const opened = await openedLink(core, context, changePurpose);
  if (typeof opened === 'string') return opened;
  if (opened.found.accountId !== accountId) return 'gone';
  return { token: opened.token, change: readChange(opened.found) };
}

type Changed = { readonly token: string; readonly now: number };

/**
 * Of all who want one address, and of all who confirm one change, the database lets one through (A15, A16), and nobody
 * whose session was ended meanwhile.
 * @returns null for the others
 */
async function changeAddress(core: Core, context: SignedInContext, opened: Opened): Promise<Changed | null> {
  const { database, sessions, clock } = core;
  const { user, session } = context.signedIn;
  const now = clock();
  const changed = await attempt(
    database,
    async (transaction) => {
      const forgetting = await core.accounts.forgetDevices(transaction, user.id, now);
      await replaceAddress(core, context, transaction, opened, now);
      await sessions.endOthers(user.id, session.id, transaction);
      await core.pendingSignIns.endOthers(transaction, context, user.id);
      const token = await sessions.replaceToken(transaction, context.signedIn, now);
      if (token === null) throw new Abandoned();
      return { token, now, forgetting };
    },
    database.isUniqueViolation,
  );
  // Once more: a sign-in by the old address may have begun a session while the change was not yet to be seen.
  if (changed === null) return null;
  await sessions.endOthers(user.id, session.id);
  core.devices.keep(context, user.id, changed.forgetting, now);
  return changed;
}

async function replaceAddress(
  core: Core,
  context: SignedInContext,
  transaction: Queries,
  { token, change }: Opened,
  now: number,
): Promise<void> {
  const { accounts, oneTimeTokens, notices } = core;
  const { accountId, from, to } = change;
  await accounts.lock(transaction, accountId);
  const before = await accounts.read(accountId, transaction);
  if (before === null) throw new Abandoned();
  if ((await oneTimeTokens.spend(transaction, changePurpose, token, now)) === null) throw new Abandoned();
  await giveUpElsewhere(core, transaction, to, accountId);
  if (!(await accounts.changeEmail(transaction, { accountId, from, to }, now))) throw new Abandoned();
  await oneTimeTokens.voidAfterRecovery(transaction, accountId);
  const occasion = notices.occasionOf(deviceOf(context), now);
  await notices.queue(transaction, {
    accountId,
    occasion,
    write: ({ username }) => ({ name: 'address-changed', username, page: paths.email, occasion }),
  });
  await tellOldAddress(core, transaction, before, occasion);
}

/** Only an address that somebody has shown to be theirs may take the account back. */
async function tellOldAddress(
  { mail, oneTimeTokens }: Core,
  transaction: Queries,
  { id: accountId, username, email, emailVerifiedAt }: Account,
  occasion: Occasion,
): Promise<void> {
  if (email === null || emailVerifiedAt === null) return;
  const about = { purpose: undoPurpose, accountId, data: email };
  const token = await oneTimeTokens.issueLast(transaction, about, occasion.at);
  const page = `${paths.undoEmailChange}?token=${token}` as const;
  const expiresAt = occasion.at + undoPurpose.lifetime;
  const message = { name: 'address-change-notice', username, page, expiresAt, occasion } as const;
  await mail.queue(transaction, { to: email, accountId, message, now: occasion.at });
}

function showGone(core: Core, context: RequestContext) {
  const { title, text, again } = messages.emailChange.gone;
  return answerGone(core, context, { title, text, link: { path: paths.email, label: again } });
}
