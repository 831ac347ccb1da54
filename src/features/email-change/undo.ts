import type { Core } from '../../auth/core.ts';
import { answerGone, answerUnopened, openedLink } from '../../auth/opened-link.ts';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import type { EmailAddress } from '../../platform/text/email-address.ts';
import type { RequestContext, Submission } from '../../platform/web/context.ts';
import { beginRecovery } from '../password-reset/index.ts';
import type { Passwords } from '../passwords/index.ts';
import { giveUpElsewhere, storedAddress, undoPurpose } from './change-token.ts';
import { changes, flashes } from './definitions.ts';
import { undoForm } from './pages.ts';

/** GET /undo-email-change: keeps the token, then shows a button; nothing is done (A14). */
export function showUndo(core: Core) {
  return async (context: RequestContext) => {
    const withoutToken = await core.linkTokens.receive(context, undoPurpose);
    if (withoutToken !== null) return withoutToken;
    core.linkTokens.choose(context, undoPurpose);
    const opened = await openedUndo(core, context);
    if (opened === 'none') return answerUnopened(core, context);
    const account = opened === 'gone' ? null : await core.accounts.read(opened.accountId);
    if (opened === 'gone' || account === null) return showGone(core, context);
    const about = { username: account.username, address: opened.to.address };
    const body = undoForm({ ...about, csrf: core.pages.csrfToken(context) });
    return core.pages.show(context, 200, { title: messages.emailChange.undo.title, body });
  };
}

/**
 * POST /undo-email-change: the account gets the address back to which the link went, whatever its address is by now, and
 * the recovery begins. The attacker who changed it knows the password.
 */
export function submitUndo(core: Core, passwords: Passwords) {
  return async ({ context }: Submission) => {
    const opened = await openedUndo(core, context);
    if (opened === 'none') return answerUnopened(core, context);
    if (opened === 'gone' || !(await undo(core, passwords, context, opened)).ok)
      return showGone(core, context);
    core.linkTokens.clear(context);
    core.pages.flash(context, flashes.addressChangeUndone);
    return core.pages.redirect(paths.login);
  };
}

type Opened = {
  readonly token: string;
  readonly accountId: string;
  readonly to: EmailAddress;
};

async function openedUndo(core: Core, context: RequestContext): Promise<Opened | 'none' | 'gone'> {
  const opened = await openedLink(core, context, undoPurpose);
  if (typeof opened === 'string') return opened;
  const { accountId, data } = opened.found;
  if (accountId === null) return 'gone';
  return { token: opened.token, accountId, to: storedAddress(data) };
}

function undo(core: Core, passwords: Passwords, context: RequestContext, opened: Opened) {
  const { accounts } = core;
  const { token, accountId, to } = opened;
  return core.changeCredential(context, changes.addressChangeUndone, {
    accountId,
    token: { purpose: undoPurpose, token },
    apply: async (transaction, occasion) => {
      await giveUpElsewhere(core, transaction, to, accountId);
      if (!(await accounts.changeEmail(transaction, { accountId, to }, occasion.at))) return false;
      const account = await accounts.read(accountId, transaction);
      if (account === null) return false;
      await beginRecovery(core, passwords, transaction, { ...account, email: to.address }, occasion);
      return true;
    },
    event: { accountId },
  });
}

function showGone(core: Core, context: RequestContext) {
  const { gone, undo } = messages.emailChange;
  const link = { path: paths.forgotPassword, label: 'Choose a new password' };
  return answerGone(core, context, { title: gone.title, text: undo.gone, link });
}
