import type { Account } from '../../auth/accounts/accounts.ts';
import type { Core } from '../../auth/core.ts';
import { accountTurn } from '../../auth/hashing-turns.ts';
import { answerGone, answerUnopened, openedLink } from '../../auth/opened-link.ts';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import type { AddedWayIn } from '../../auth/sign-in-steps/sign-in-step.ts';
import type { RequestContext, Submission } from '../../platform/web/context.ts';
import { isTrapFilled, keepsTrap } from '../../platform/web/trap.ts';
import {
  noticesAbout,
  type PasswordRefusal,
  type Passwords,
  passwordChangedNotice,
} from '../passwords/index.ts';
import { changes, flashes } from './definitions.ts';
import { keepField, resetForm } from './pages.ts';
import { type Reset, readReset, resetPurpose } from './reset-token.ts';

/** GET /reset-password: keeps the token, then asks for a new password; nothing is spent (A14). */
export function showReset(core: Core, passwords: Passwords) {
  return async (context: RequestContext) => {
    const withoutToken = await core.linkTokens.receive(context, resetPurpose);
    if (withoutToken !== null) return withoutToken;
    core.linkTokens.choose(context, resetPurpose);
    const opened = await openedReset(core, passwords, context);
    if (opened === 'none') return answerUnopened(core, context, again);
    if (opened === 'gone') return showGone(core, context);
    const ways = await waysToKeep(core, opened);
    const kept = ways.filter(({ provesAddress }) => provesAddress).map(({ id }) => id);
    return showForm(core, passwords, context, opened, {
      problem: null,
      ways,
      kept,
      isTrapFilled: false,
      hasTrap: true,
    });
  };
}

/**
 * POST /reset-password: is the link good → is the password → it is set, and every session ends. Nobody is signed in by
 * it: whatever else stands in the way of a sign-in still does (NIST SP 800-63B-4 §4.2.2).
 */
export function submitReset(core: Core, passwords: Passwords) {
  return async ({ context, form }: Submission) => {
    const opened = await openedReset(core, passwords, context);
    if (opened === 'none') return answerUnopened(core, context, again);
    if (opened === 'gone') return showGone(core, context);
    const { account, reset, token } = opened;
    const judgement = await passwords.judge(form.text('new-password'), [
      account.username,
      account.email ?? '',
    ]);
    const ways = await waysToKeep(core, opened);
    const keptWays = ways.filter(({ id }) => form.text(keepField(id)) !== '').map(({ id }) => id);
    if (!judgement.acceptable || isTrapFilled(form)) {
      // Some programs that look at mail open its links and fill in what they find.
      const problem = judgement.acceptable ? null : judgement.reason;
      const trap = { isTrapFilled: isTrapFilled(form), hasTrap: keepsTrap(form) };
      return showForm(core, passwords, context, opened, { problem, ways, kept: keptWays, ...trap });
    }
    const hash = await passwords.hash(judgement.password, accountTurn(account.id, 'everybody', context));
    const replacement = { reset, token, hash, keptIdentities: keptWays };
    if (!(await replacePassword(core, passwords, context, replacement)).ok) return showGone(core, context);
    await core.forgiveFailures(context, account.id, core.clock());
    core.linkTokens.clear(context);
    core.pages.flash(context, flashes.passwordReset, ...noticesAbout(judgement.password));
    return core.pages.redirect(paths.login);
  };
}

type Opened = { readonly token: string; readonly reset: Reset; readonly account: Account };

async function openedReset(
  core: Core,
  passwords: Passwords,
  context: RequestContext,
): Promise<Opened | 'none' | 'gone'> {
  const opened = await openedLink(core, context, resetPurpose);
  if (typeof opened === 'string') return opened;
  const reset = readReset(opened.found);
  const account = await core.accounts.read(reset.accountId);
  const isGood =
    account !== null &&
    isStillGood(account, reset, core.clock()) &&
    (await passwords.version(account.id)) === reset.version;
  return isGood ? { token: opened.token, reset, account } : 'gone';
}

/** Whether an account may still be recovered by a link, and is as it was when that was made. */
function isStillGood({ email, disabledAt, deleteAt }: Account, { address }: Reset, now: number): boolean {
  const isUsable = disabledAt === null && (deleteAt === null || deleteAt > now);
  return isUsable && (address === null || address === email);
}

/** Whether the link is the first proof of the address: then nothing that was set up before stays (A20). */
function provesFirst({ emailVerifiedAt }: Account, { address }: Pick<Reset, 'address'>): boolean {
  return address !== null && emailVerifiedAt === null;
}

type Replacement = Pick<Opened, 'reset' | 'token'> & {
  readonly hash: string;
  /** The ids of the identities that stay. All others are removed, since an attacker may have added them. */
  readonly keptIdentities: readonly string[];
};

/**
 * Spends the link and sets the password (A11).
 * @returns a conflict where another request was faster, or the account has changed meanwhile (A15)
 */
function replacePassword(
  core: Core,
  passwords: Passwords,
  context: RequestContext,
  { reset, token, hash, keptIdentities }: Replacement,
) {
  const { accountId, version, address } = reset;
  const isKept = core.settings.email === 'required';
  return core.changeCredential(context, changes.passwordReset, {
    accountId,
    token: { purpose: resetPurpose, token },
    keptIdentities,
    apply: async (transaction, { at: now }) => {
      const account = await core.accounts.read(accountId, transaction);
      if (account === null || !isStillGood(account, reset, now)) return false;
      if (!(await passwords.set(transaction, accountId, { version, hash, now }))) return false;
      if (address === null || !provesFirst(account, reset)) return true;
      // The user who opened the mail has the address (A19).
      return core.accounts.confirmEmail(transaction, { accountId, address, isKept }, now);
    },
    notice: passwordChangedNotice(core, accountId),
    event: { accountId },
  });
}

/** The other ways in that its owner may keep. */
async function waysToKeep({ otherWaysIn }: Core, { account, reset }: Opened): Promise<readonly AddedWayIn[]> {
  return provesFirst(account, reset) ? [] : otherWaysIn.list(account);
}

type FormState = {
  readonly problem: PasswordRefusal | null;
  readonly ways: readonly AddedWayIn[];
  /** The ids of those that are to stay. */
  readonly kept: readonly string[];
  readonly isTrapFilled: boolean;
  readonly hasTrap: boolean;
};

function showForm(
  { pages, clock }: Core,
  { minimumCodePoints }: Passwords,
  context: RequestContext,
  { account: { username } }: Opened,
  state: FormState,
) {
  const about = { username, minimumCodePoints, now: clock() };
  const body = resetForm({ ...state, ...about, csrf: pages.csrfToken(context) });
  const { title } = messages.passwordReset.choose;
  return pages.show(context, state.problem === null && !state.isTrapFilled ? 200 : 422, { title, body });
}

const again = { path: paths.forgotPassword, label: messages.passwordReset.gone.again };

function showGone(core: Core, context: RequestContext) {
  const { title, text } = messages.passwordReset.gone;
  return answerGone(core, context, { title, text, link: again });
}
