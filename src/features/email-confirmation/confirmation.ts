import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { accountOf, type OneTimeToken } from '../../auth/one-time-tokens/one-time-tokens.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { changes, tokens } from './definitions.ts';

export type Confirmation = {
  readonly accountId: AccountId;
  readonly address: string;
  /** The browser that needs no password; null for none. */
  readonly browser: string | null;
  /** What is kept of the code of the same mail. */
  readonly code: string;
};

/** When a mail that is written now stops working: with the account, if that goes before. */
export function expiryFor(deleteAt: number | null, now: number): number {
  const usual = now + tokens['email-confirmation'].lifetime;
  return deleteAt === null ? usual : Math.min(usual, deleteAt);
}

/** A code is bound to its purpose and its account (A13). */
export function boundTo(accountId: AccountId): readonly string[] {
  return [tokens['email-confirmation'].name, accountId];
}

export function confirmationOf(token: OneTimeToken<Omit<Confirmation, 'accountId'>>): Confirmation {
  return { accountId: accountOf(token), ...token.data };
}

/**
 * Confirms an address and spends the token that proved it, both or neither.
 * @returns a conflict where another request was faster, or the account has changed meanwhile (A15)
 */
export function confirmAddress(
  { accounts, changeCredential, settings }: Core,
  context: RequestContext,
  { accountId, address }: Pick<Confirmation, 'accountId' | 'address'>,
  spent: { readonly token: string } | { readonly id: string },
) {
  const proof = { accountId, address, isKept: settings.email === 'required' };
  return changeCredential(context, changes.addressConfirmed, {
    accountId,
    token: { purpose: tokens['email-confirmation'], ...spent },
    apply: (transaction, { at: now }) => accounts.confirmEmail(transaction, proof, now),
    event: { accountId },
  });
}
