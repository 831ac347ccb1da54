import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { clientOf } from '../../auth/mail/notices.ts';
import type { Submission } from '../../auth/request-context.ts';
import type { Queries } from '../../auth/schema.ts';
import type { Occasion } from '../../platform/mail/index.ts';
import { counterKeys, type KeyedLimit, type Throttled } from '../../platform/rate-limit/index.ts';
import { runAndRollBack } from '../../platform/sql/index.ts';
import { limitRepeatedMail, withinMailboxBudget } from '../requested-mail/index.ts';
import { markBrowser } from './browser.ts';
import { boundTo, expiryFor } from './confirmation.ts';
import { emails, limits, tokens } from './definitions.ts';

type NewConfirmation = {
  readonly accountId: AccountId;
  readonly address: string;
  /** The mark of the browser that may confirm by the link alone; null for none. */
  readonly browser: string | null;
  /** Milliseconds of UTC. */
  readonly expiresAt: number;
};

/**
 * Makes a link and a code, and puts the mail with them into the outbox. The account's row is locked first, so of two at
 * once one stays, and it is the newest.
 */
export async function queueConfirmation(
  { accounts, oneTimeTokens, oneTimeCodes, mail }: Core,
  transaction: Queries,
  { accountId, address, browser, expiresAt }: NewConfirmation,
  occasion: Occasion,
): Promise<void> {
  const purpose = tokens['email-confirmation'];
  await accounts.lock(transaction, accountId);
  await oneTimeTokens.voidAll(transaction, purpose, accountId);
  const { code, kept } = oneTimeCodes.make(boundTo(accountId));
  const lifetime = expiresAt - occasion.at;
  const about = { purpose, accountId, data: { address, browser, code: kept }, lifetime };
  const token = await oneTimeTokens.issue(transaction, about, occasion.at);
  const page = `/verify-email?token=${token}` as const;
  const email = emails.confirmAddress.with({ page, code, expires: expiresAt });
  await mail.queue(transaction, { to: address, ownerId: accountId, email, occasion });
}

/** Whose address is to be confirmed. */
export type Waiting = { readonly accountId: AccountId; readonly address: string };

/** The limit of wrong codes for an account. */
export function limitCodes(accountId: AccountId): KeyedLimit {
  return { limit: limits['confirmation-codes'], key: accountId };
}

/**
 * Sends another mail, a few times an hour; what came before stops working, and its code may be tried as often as the first
 * one. Past the budget of the mailbox, what came before stays. An account with the address of another one gets the same answer
 * and no mail: the same is counted, written and rolled back, so that the time does not reveal it either (A67).
 */
export function resendConfirmation(
  core: Core,
  { context, form }: Submission,
  { accountId, address }: Waiting,
): Promise<Throttled<null>> {
  const counted = limitRepeatedMail(accountId, context);
  return core.throttle({ context, counted, form, subject: accountId }, async () => {
    const account = await core.accounts.read(accountId);
    const isItsOwn = (await core.accounts.find(address)) === accountId;
    const browser = markBrowser(core, context);
    if (account !== null && account.emailVerifiedAt === null) {
      const occasion = core.notices.occasionOf(clientOf(context), core.clock());
      const expiresAt = expiryFor(account.deleteAt, occasion.at);
      const write = (transaction: Queries) =>
        queueConfirmation(core, transaction, { accountId, address, browser, expiresAt }, occasion);
      await withinMailboxBudget(core, context, { address, isOwn: true }, async (isWithin) => {
        const isSent = isWithin && isItsOwn;
        await (isSent ? core.database.transaction(write) : runAndRollBack(core.database, write));
        return { result: null, isSent };
      });
      await core.counters.clear(counterKeys([limitCodes(accountId)]));
    }
    return { result: null, verdict: 'counted' };
  });
}
