import type { Core } from '../../auth/core.ts';
import { accountOrName } from '../../auth/identifiers/account-name.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { clientOf } from '../../auth/mail/notices.ts';
import type { Submission } from '../../auth/request-context.ts';
import type { Queries } from '../../auth/schema.ts';
import type { EventDefinition } from '../../platform/events/index.ts';
import type { Occasion } from '../../platform/mail/index.ts';
import { type Limit, limitAddress, type Throttled } from '../../platform/rate-limit/index.ts';
import { runAndRollBack } from '../../platform/sql/index.ts';
import { originOf } from '../../platform/web/index.ts';
import type { MailRefusal } from './definitions.ts';
import { withinMailboxBudget } from './mailbox-budget.ts';
import type { Found } from './recipient.ts';

/** The recipient of mails that are written as a timing decoy and never sent. */
export const DECOY_ADDRESS = 'nobody@example.org';

/** A mail that a visitor requests, as its feature describes it. */
export type RequestedMail<Recipient extends object> = {
  /** The username or address of the recipient, as it was typed. */
  readonly name: string;
  /** The limit of mails to one account; beyond it the answer is the same. */
  readonly limit: Limit;
  readonly find: (accountId: AccountId | null) => Promise<Found<Recipient>>;
  readonly write: (transaction: Queries, recipient: Recipient, occasion: Occasion) => Promise<void>;
  /** The address of the recipient if it is not confirmed. */
  readonly unprovenAddressOf?: (recipient: Recipient) => string | null;
  /** Writes the same to the decoy address; it is rolled back. */
  readonly writeDecoy: (transaction: Queries, occasion: Occasion) => Promise<void>;
  readonly sent: EventDefinition<{ accountId: AccountId }>;
  readonly refused: EventDefinition<{ accountId: AccountId | null; reason: MailRefusal }>;
};

/**
 * Accepts a request for a mail, rate-limited for each client address. The account is looked up after the response, so that
 * neither its content nor its time reveals whether there is one (A03).
 * @param make describes the mail; called if the request is accepted
 */
export function requestMail<Recipient extends object>(
  core: Core,
  submission: Submission,
  limit: Limit,
  make: () => RequestedMail<Recipient>,
): Promise<Throttled<null>> {
  const { context, form } = submission;
  const counted = limitAddress(limit, context);
  return core.throttle({ context, counted, form, subject: null }, async () => {
    const mail = make();
    core.afterAnswer.run(() => send(core, submission, mail));
    return { result: null, verdict: 'counted' };
  });
}

/**
 * Writes the mail to the address as it is stored (A31). If there is no recipient, the same is written and rolled back, so that
 * the load of the server afterwards reveals nothing either (A03).
 */
async function send<Recipient extends object>(
  core: Core,
  { context, form }: Submission,
  mail: RequestedMail<Recipient>,
): Promise<void> {
  const { accounts, database, devices, notices, throttle, clock, announce } = core;
  const accountId = await accounts.find(mail.name);
  const device = await devices.known(context, accountId, clock());
  // A known device has a budget of its own, which attackers cannot use up (A07).
  const key = device === null ? accountOrName(accountId, mail.name) : `device ${device}`;
  const counted = [{ limit: mail.limit, key }];
  await throttle({ context, counted, form, subject: accountId }, async () => {
    const found = await mail.find(accountId);
    const occasion = notices.occasionOf(clientOf(context), clock());
    if (accountId === null || !found.ok) {
      await runAndRollBack(database, (transaction) => mail.writeDecoy(transaction, occasion));
      const reason = found.ok ? 'unknown-account' : found.reason;
      announce(mail.refused, { accountId, reason }, originOf(context));
    } else {
      const address = mail.unprovenAddressOf?.(found.recipient) ?? null;
      const write = async (isMailed: boolean) => {
        if (!isMailed)
          await runAndRollBack(database, (transaction) => mail.writeDecoy(transaction, occasion));
        else await database.transaction((transaction) => mail.write(transaction, found.recipient, occasion));
        if (isMailed) announce(mail.sent, { accountId }, originOf(context));
        return { result: null, isSent: isMailed };
      };
      const isOwn = device !== null;
      await (address === null ? write(true) : withinMailboxBudget(core, context, { address, isOwn }, write));
    }
    return { result: null, verdict: 'counted' };
  });
}
