import type { Account } from '../../auth/accounts/accounts.ts';
import type { Core } from '../../auth/core.ts';
import { answerGone, answerUnopened, openedLink } from '../../auth/opened-link.ts';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import type { Queries } from '../../auth/schema.ts';
import type { Occasion } from '../../platform/mail/index.ts';
import type { RequestContext, SignedInContext, Submission } from '../../platform/web/context.ts';
import { withFlow } from '../../platform/web/flows.ts';
import { withNext } from '../../platform/web/next-path.ts';
import { type Change, changePurpose, giveUpElsewhere, readChange, undoPurpose } from './change-token.ts';
import { changes, emails, flashes } from './definitions.ts';
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
    const opened = await openedChange(core, context, context.signedIn.user.id);
    if (opened === 'none') return answerUnopened(core, context);
    if (opened === 'gone' || !(await changeAddress(core, context, opened)).ok) return showGone(core, context);
    core.linkTokens.clear(context);
    core.pages.flash(context, flashes.addressChanged);
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

/** Of several users who want one address, and of several confirmations of one change, the database lets one through (A15, A16). */
function changeAddress(core: Core, context: SignedInContext, { token, change }: Opened) {
  const { accounts } = core;
  const { accountId, from, to } = change;
  return core.changeCredential(context, changes.addressChanged, {
    accountId,
    token: { purpose: changePurpose, token },
    apply: async (transaction, occasion) => {
      const before = await accounts.read(accountId, transaction);
      if (before === null) return false;
      await giveUpElsewhere(core, transaction, to, accountId);
      if (!(await accounts.changeEmail(transaction, { accountId, from, to }, occasion.at))) return false;
      await notifyOldAddress(core, transaction, before, occasion);
      return true;
    },
    notice: ({ username }) => emails.addressChanged.with({ username, page: paths.email }),
    event: { accountId },
  });
}

/** Only an address that was confirmed may take the account back. */
async function notifyOldAddress(
  { mail, oneTimeTokens }: Core,
  transaction: Queries,
  { id: accountId, username, email, emailVerifiedAt }: Account,
  occasion: Occasion,
): Promise<void> {
  if (email === null || emailVerifiedAt === null) return;
  const about = { purpose: undoPurpose, accountId, data: email };
  const token = await oneTimeTokens.issueLast(transaction, about, occasion.at);
  const notice = emails.addressChangeNotice.with({
    username,
    page: `${paths.undoEmailChange}?token=${token}`,
    expires: occasion.at + undoPurpose.lifetime,
  });
  await mail.queue(transaction, { to: email, ownerId: accountId, email: notice, occasion });
}

function showGone(core: Core, context: RequestContext) {
  const { title, text, again } = messages.emailChange.gone;
  return answerGone(core, context, { title, text, link: { path: paths.email, label: again } });
}
