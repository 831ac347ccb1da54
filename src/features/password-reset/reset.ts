import { z } from 'zod';
import type { Account } from '../../auth/accounts/accounts.ts';
import { defineAction, definePage, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { accountOf } from '../../auth/one-time-tokens/one-time-tokens.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { LinkedCredential } from '../../auth/required-steps/sign-in-step.ts';
import { fieldWords } from '../../auth/words.ts';
import type { Id } from '../../platform/text/index.ts';
import { isTrapFilled } from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import {
  accountKey,
  forgiveFailures,
  newPasswordProblem,
  newPasswordReasons,
  noticesAbout,
  type Passwords,
  passwordChangedNotice,
  passwordsService,
} from '../passwords/index.ts';
import { defineMailedLink, LINK_INVALID, type Opened } from '../requested-mail/index.ts';
import { deleteUnprovenFactors } from '../second-factors/index.ts';
import { changes, flashes, tokens } from './definitions.ts';
import { keepField, resetView } from './pages.ts';
import type { Reset } from './reset-token.ts';
import { resetInvalidWords } from './words.ts';

type Recovery = { readonly reset: Reset; readonly account: Account };

const again = (words: Wording) => ({ path: paths.forgotPassword, label: words(resetInvalidWords).again });

const resetLink = defineMailedLink({
  purpose: tokens['password-reset'],
  needs: { passwords: passwordsService },
  find:
    ({ accounts, clock }, { passwords }) =>
    async (found) => {
      const reset = { accountId: accountOf(found), ...found.data };
      const account = await accounts.read(reset.accountId);
      const isGood =
        account !== null &&
        isStillGood(account, reset, clock()) &&
        (await passwords.version(account.id)) === reset.version;
      return isGood ? { about: { reset, account } } : 'link-gone';
    },
  invalid: (words) => {
    const { title, text } = words(resetInvalidWords);
    return { title, text, link: again(words) };
  },
  again,
});

export const resetPage = definePage({
  path: '/reset-password',
  access: 'public',
  needs: { link: resetLink, passwords: passwordsService },
  load: (core, { link, passwords: { minimumCodePoints } }) =>
    link.page(async (_context, { about }) => ({
      username: about.account.username,
      minimumCodePoints,
      methods: await methodsToKeep(core, about),
      now: core.clock(),
    })),
  view: resetView,
});

/**
 * The new password is set, and every session ends. No user is signed in by it: the required steps of a sign-in remain
 * (NIST SP 800-63B-4 §4.2.2). A field `keep-` with the id of an added sign-in method keeps that one.
 */
export const resetPassword = defineAction({
  path: '/reset-password',
  access: 'public',
  capacity: 'hashing',
  needs: { link: resetLink, passwords: passwordsService },
  input: z.object({ newPassword: text() }),
  keeps: ['keep-'],
  reasons: {
    ...resetLink.reasons,
    ...newPasswordReasons('newPassword'),
    'trap-filled': { status: 422, text: (words) => words(fieldWords).trapFilled },
  },
  run: (core, { link, passwords }) =>
    link.action(async ({ context, form, input: { newPassword } }, { token, about }) => {
      const { account, reset } = about;
      const accepted = await passwords.check(newPassword, [account.username, account.email ?? '']);
      const methods = await methodsToKeep(core, about);
      if (!accepted.ok || isTrapFilled(form)) {
        // Some mail scanners open the links of mails and fill in every field (P19).
        const trapped = isTrapFilled(form) ? [{ reason: 'trap-filled' as const }] : [];
        const refused = accepted.ok ? [] : [newPasswordProblem(accepted.reason)];
        return { ok: false, problems: [...refused, ...trapped] };
      }
      const hash = await passwords.hash(accepted.password, accountKey(account.id, 'other', context));
      // The form is drawn with those checked that prove the address; an API client has not seen it.
      const isKept = ({ id, provesAddress }: LinkedCredential) =>
        form.text(keepField(id)) !== '' || (provesAddress && context.sentToken !== null);
      const keptIdentities = methods.filter(isKept).map(({ id }) => id);
      const replaced = await replacePassword(core, passwords, context, {
        token,
        about: { reset, hash, keptIdentities },
      });
      if (!replaced.ok) return LINK_INVALID;
      await forgiveFailures(core, context, account.id);
      return {
        ok: true,
        next: paths.login,
        flashes: [flashes.passwordReset, ...noticesAbout(accepted.password)],
      };
    }),
});

/** Whether an account may still be recovered by a link, and is as it was when that was made. */
function isStillGood({ email, disabledAt, deleteAt }: Account, { address }: Reset, now: number): boolean {
  const isUsable = disabledAt === null && (deleteAt === null || deleteAt > now);
  return isUsable && (address === null || address === email);
}

/** Whether the link is the first proof of the address: then nothing that was set up before stays (A20). */
function provesFirst({ emailVerifiedAt }: Account, { address }: Pick<Reset, 'address'>): boolean {
  return address !== null && emailVerifiedAt === null;
}

type Replacement = {
  readonly reset: Reset;
  readonly hash: string;
  /** The ids of the identities that stay. All others are removed, since an attacker may have added them. */
  readonly keptIdentities: readonly Id[];
};

/**
 * Spends the link and sets the password (A11).
 * @returns a conflict where another request was faster, or the account has changed meanwhile (A15)
 */
function replacePassword(
  core: Core,
  passwords: Passwords,
  context: RequestContext,
  { token, about: { reset, hash, keptIdentities } }: Opened<Replacement>,
) {
  const { accountId, version, address } = reset;
  const isKept = core.settings.email === 'required';
  return core.changeCredential(context, changes.passwordReset, {
    accountId,
    token: { purpose: tokens['password-reset'], token },
    keptIdentities,
    apply: async (transaction, { at: now }) => {
      const account = await core.accounts.read(accountId, transaction);
      if (account === null || !isStillGood(account, reset, now)) return false;
      if (!(await passwords.set(transaction, accountId, { version, hash, now }))) return false;
      if (address === null || !provesFirst(account, reset)) return true;
      await deleteUnprovenFactors(transaction, accountId);
      // The user who opened the mail has the address (A19).
      return core.accounts.confirmEmail(transaction, { accountId, address, isKept }, now);
    },
    notice: passwordChangedNotice(core, accountId),
    event: { accountId },
  });
}

/** The added sign-in methods that the owner of the account may keep. */
async function methodsToKeep(
  { linkedCredentials }: Core,
  { account, reset }: Recovery,
): Promise<readonly LinkedCredential[]> {
  return provesFirst(account, reset) ? [] : linkedCredentials.list(account);
}
