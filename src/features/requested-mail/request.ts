import type { Core } from '../../auth/core.ts';
import type { MailRefusal } from '../../auth/events.ts';
import { accountOrName } from '../../auth/identifiers/account-name.ts';
import { clientOf } from '../../auth/mail/notices.ts';
import type { Submission } from '../../auth/request-context.ts';
import type { Queries } from '../../auth/schema.ts';
import type { EventDefinition } from '../../platform/events/index.ts';
import type { Occasion } from '../../platform/mail/index.ts';
import { type Limit, limitAddress, type Throttled } from '../../platform/rate-limit/index.ts';
import { runAndRollBack } from '../../platform/sql/index.ts';
import { originOf } from '../../platform/web/context.ts';
import { withinMailboxBudget } from './mailbox-budget.ts';

/** The recipient of mails that are written as a timing decoy and never sent. */
export const DECOY_ADDRESS = 'nobody@example.org';

/** A mail that somebody asks for who is not signed in, with what its feature has to say of it. */
export type RequestedMail<Recipient extends object> = {
  /** How the one who is to get it was named, as it was typed. */
  readonly name: string;
  /** The limit of mails to one account; beyond it the answer is the same. */
  readonly limit: Limit;
  /** Who gets it, or why nobody does. */
  readonly find: (accountId: string | null) => Promise<Recipient | { readonly refusal: MailRefusal }>;
  readonly write: (transaction: Queries, recipient: Recipient, occasion: Occasion) => Promise<void>;
  /** The address that the mail goes to, where nobody has shown that it is theirs. */
  readonly unprovenAddressOf?: (recipient: Recipient) => string | null;
  /** Writes the same for nobody; it is taken back. */
  readonly writeToNobody: (transaction: Queries, occasion: Occasion) => Promise<void>;
  readonly sent: EventDefinition<{ accountId: string }>;
  readonly refused: EventDefinition<{ accountId: string | null; reason: MailRefusal }>;
};

/**
 * Takes the wish for a mail, so many times from one address. The account is looked up once the answer has gone, so that
 * neither what it says nor the time that it takes tells whether there is one (A03).
 * @param make says what is wished for, where that is let through
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
 * Writes the mail, which goes to the address as it is stored (A31). Where nobody is to get one, the same is written and
 * taken back, so that how busy the server is afterwards tells nothing either (A03).
 */
async function send<Recipient extends object>(
  core: Core,
  { context, form }: Submission,
  mail: RequestedMail<Recipient>,
): Promise<void> {
  const { accounts, database, devices, notices, throttle, clock, announce } = core;
  const accountId = await accounts.find(mail.name);
  const device = await devices.known(context, accountId, clock());
  // A known device has a budget of its own, which strangers cannot use up (A07).
  const key = device === null ? accountOrName(accountId, mail.name) : `device ${device}`;
  const counted = [{ limit: mail.limit, key }];
  await throttle({ context, counted, form, subject: accountId }, async () => {
    const found = await mail.find(accountId);
    const occasion = notices.occasionOf(clientOf(context), clock());
    if (accountId === null || 'refusal' in found) {
      await runAndRollBack(database, (transaction) => mail.writeToNobody(transaction, occasion));
      const reason = 'refusal' in found ? found.refusal : 'unknown-account';
      announce(mail.refused, { accountId, reason }, originOf(context));
    } else {
      const address = mail.unprovenAddressOf?.(found) ?? null;
      const write = async (isMailed: boolean) => {
        if (!isMailed)
          await runAndRollBack(database, (transaction) => mail.writeToNobody(transaction, occasion));
        else await database.transaction((transaction) => mail.write(transaction, found, occasion));
        if (isMailed) announce(mail.sent, { accountId }, originOf(context));
        return { result: null, isSent: isMailed };
      };
      const isOwn = device !== null;
      await (address === null ? write(true) : withinMailboxBudget(core, context, { address, isOwn }, write));
    }
    return { result: null, verdict: 'counted' };
  });
}
