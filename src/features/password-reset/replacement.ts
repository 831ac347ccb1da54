import type { Account } from '../../auth/accounts/accounts.ts';
import type { Core } from '../../auth/core.ts';
import type { RequestContext } from '../../platform/web/context.ts';
import { type Passwords, passwordChangedNotice } from '../passwords/index.ts';
import { changes } from './definitions.ts';
import { type Reset, resetPurpose } from './reset-token.ts';

export type Replacement = {
  readonly reset: Reset;
  readonly token: string;
  readonly hash: string;
  /** The ids of the identities that stay. All others are removed, since an attacker may have added them. */
  readonly keptIdentities: readonly string[];
};

/** Whether an account may still be recovered by a link, and is as it was when that was made. */
export function isStillGood(
  { email, disabledAt, deleteAt }: Account,
  { address }: Reset,
  now: number,
): boolean {
  const isUsable = disabledAt === null && (deleteAt === null || deleteAt > now);
  return isUsable && (address === null || address === email);
}

/** Whether the link is the first proof of the address: then nothing that was set up before stays (A20). */
export function provesFirst({ emailVerifiedAt }: Account, { address }: Pick<Reset, 'address'>): boolean {
  return address !== null && emailVerifiedAt === null;
}

/**
 * Spends the link and sets the password (A11).
 * @returns a conflict where another request was faster, or the account has changed meanwhile (A15)
 */
export function replacePassword(
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
    event: { type: 'password-reset', accountId },
  });
}
