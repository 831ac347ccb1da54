import { z } from 'zod';
import type { Core } from '../../auth/core.ts';
import type { OneTimeToken } from '../../auth/one-time-tokens/one-time-tokens.ts';
import type { TokenPurpose } from '../../auth/one-time-tokens/purpose.ts';
import type { Queries } from '../../auth/schema.ts';
import { DAY } from '../../platform/runtime/clock.ts';
import type { RequestContext } from '../../platform/web/context.ts';
import { changes } from './definitions.ts';

export const confirmationPurpose: TokenPurpose = {
  name: 'email-confirmation',
  lifetime: DAY,
  meaning: 'Confirm an address, in the browser that requested it or with the password of the account.',
};

/** What a token keeps besides the exact address: which browser needs no password, and the code of the same mail. */
const proofs = z.object({ browser: z.string().nullable(), code: z.string() });

export type Confirmation = z.infer<typeof proofs> & { readonly accountId: string; readonly address: string };

export type NewConfirmation = {
  readonly accountId: string;
  readonly address: string;
  /** The mark of the browser that may confirm by the link alone; null for none. */
  readonly browser: string | null;
  /** Milliseconds of UTC. */
  readonly expiresAt: number;
};

/** When a mail that is written now stops working: with the account, if that goes before. */
export function expiryFor(deleteAt: number | null, now: number): number {
  const usual = now + confirmationPurpose.lifetime;
  return deleteAt === null ? usual : Math.min(usual, deleteAt);
}

/** Makes a token and a code. The account's row is locked first, so of two at once one stays, and it is the newest. */
export async function issueConfirmation(
  { accounts, oneTimeTokens, oneTimeCodes }: Core,
  transaction: Queries,
  { accountId, address, browser, expiresAt }: NewConfirmation,
  now: number,
): Promise<{ readonly token: string; readonly code: string }> {
  await accounts.lock(transaction, accountId);
  await oneTimeTokens.voidAll(transaction, confirmationPurpose, accountId);
  const { code, kept: keptCode } = oneTimeCodes.make(boundTo(accountId));
  const about = {
    purpose: confirmationPurpose,
    accountId,
    data: `${address}\n${JSON.stringify({ browser, code: keptCode })}`,
    lifetime: expiresAt - now,
  };
  return { token: await oneTimeTokens.issue(transaction, about, now), code };
}

/** What a code is bound to: for no other purpose and nobody else is it any use (A13). */
export function boundTo(accountId: string): readonly string[] {
  return [confirmationPurpose.name, accountId];
}

export function readConfirmation({ accountId, data }: OneTimeToken): Confirmation {
  if (accountId === null) throw new TypeError('a confirmation belongs to an account');
  const [address = '', kept = ''] = data.split('\n');
  return { accountId, address, ...proofs.parse(JSON.parse(kept)) };
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
    token: { purpose: confirmationPurpose, ...spent },
    apply: (transaction, { at: now }) => accounts.confirmEmail(transaction, proof, now),
    event: { accountId },
  });
}
