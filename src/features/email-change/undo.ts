import type { Core } from '../../auth/core.ts';
import type { EmailAddress } from '../../auth/identifiers/email-address.ts';
import { answerGone, answerUnopened, openedLink } from '../../auth/opened-link.ts';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import type { Queries } from '../../auth/schema.ts';
import { forgetSessionOf } from '../../auth/sign-out.ts';
import { Abandoned, attempt } from '../../platform/sql/attempt.ts';
import { deviceOf, originOf, type RequestContext, type Submission } from '../../platform/web/context.ts';
import { beginRecovery } from '../password-reset/index.ts';
import type { Passwords } from '../passwords/index.ts';
import { giveUpElsewhere, storedAddress, undoPurpose } from './change-token.ts';
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
 * the recovery begins. Whoever changed it knows the password.
 */
export function submitUndo(core: Core, passwords: Passwords) {
  return async ({ context }: Submission) => {
    const opened = await openedUndo(core, context);
    if (opened === 'none') return answerUnopened(core, context);
    if (opened === 'gone' || !(await undo(core, passwords, context, opened))) return showGone(core, context);
    const { accountId } = opened;
    core.announce({ type: 'address-change-undone', accountId }, originOf(context));
    core.linkTokens.clear(context);
    forgetSessionOf(core, context, accountId);
    core.pages.flash(context, 'addressChangeUndone');
    return core.pages.redirect(paths.login);
  };
}

type Opened = {
  readonly token: string;
  readonly accountId: string;
  readonly to: EmailAddress;
  readonly issuedAt: number;
};

async function openedUndo(core: Core, context: RequestContext): Promise<Opened | 'none' | 'gone'> {
  const opened = await openedLink(core, context, undoPurpose);
  if (typeof opened === 'string') return opened;
  const { accountId, data, issuedAt } = opened.found;
  if (accountId === null) return 'gone';
  return { token: opened.token, accountId, to: storedAddress(data), issuedAt };
}

async function undo(
  core: Core,
  passwords: Passwords,
  context: RequestContext,
  opened: Opened,
): Promise<boolean> {
  const { database, lifecycle } = core;
  const isUndone = await attempt(
    database,
    async (transaction) => {
      await restore(core, passwords, transaction, { ...opened, context });
      return true;
    },
    database.isUniqueViolation,
  );
  if (isUndone === null) return false;
  // Once more: a sign-in may have begun a session while that was not yet to be seen.
  await lifecycle.signOut(opened.accountId);
  return true;
}

type Restoring = Opened & { readonly context: RequestContext };

async function restore(
  core: Core,
  passwords: Passwords,
  transaction: Queries,
  { token, accountId, to, issuedAt, context }: Restoring,
): Promise<void> {
  const { accounts, oneTimeTokens, clock } = core;
  const now = clock();
  await accounts.lock(transaction, accountId);
  if ((await oneTimeTokens.spend(transaction, undoPurpose, token, now)) === null) throw new Abandoned();
  await giveUpElsewhere(core, transaction, to, accountId);
  if (!(await accounts.changeEmail(transaction, { accountId, to }, now))) throw new Abandoned();
  // Whoever changed it more than once has undo links, too: those of later changes went to addresses of theirs.
  await oneTimeTokens.voidSince(transaction, undoPurpose, accountId, issuedAt);
  const account = await accounts.read(accountId, transaction);
  if (account === null) throw new Abandoned();
  const occasion = core.notices.occasionOf(deviceOf(context), now);
  await beginRecovery(core, passwords, transaction, { ...account, email: to.address }, occasion);
}

function showGone(core: Core, context: RequestContext) {
  const { gone, undo } = messages.emailChange;
  const link = { path: paths.forgotPassword, label: messages.newDevice.gone.reset };
  return answerGone(core, context, { title: gone.title, text: undo.gone, link });
}
