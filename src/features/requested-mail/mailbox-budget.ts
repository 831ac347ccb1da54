import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { type KeyedLimit, limitAddress, widestNetwork } from '../../platform/rate-limit/index.ts';
import { mailboxKey } from '../../platform/text/index.ts';
import { NO_FORM } from '../../platform/web/index.ts';
import { limits } from './definitions.ts';

export type UnprovenMail = {
  readonly address: string;
  /** What else limits the mail. */
  readonly others?: readonly KeyedLimit[];
  /**
   * Whether the request comes from a known device of the account of the address, its session or its pending sign-in. Such
   * mails have a budget of their own, which attackers cannot use up (A07).
   */
  readonly isOwn?: boolean;
};

/**
 * Limits mails that the owner of the mailbox may not have wanted, because the address is not confirmed or another user
 * entered it. All such mails share budgets: one for each client network, and one for all together (I05). Beyond them the
 * same is done without the mail: a budget must not reveal to a client what others have done with the address (A03). The
 * operator sees it as `throttled`.
 * @param write gets whether to send the mail, and returns whether it did
 */
export async function withinMailboxBudget<Result>(
  core: Pick<Core, 'throttle'>,
  context: RequestContext,
  { address, others = [], isOwn = false }: UnprovenMail,
  write: (isMailed: boolean) => Promise<{ readonly result: Result; readonly isSent: boolean }>,
): Promise<Result> {
  const mailbox = mailboxKey(address);
  const writeAs = (counted: readonly KeyedLimit[]) =>
    core.throttle({ context, counted, form: NO_FORM, subject: null }, async () => {
      const { result, isSent } = await write(true);
      return { result, verdict: isSent ? 'counted' : 'succeeded' };
    });
  // An address with a tag is one of many that one client can register: they have one share together.
  const isPlain = address.toLowerCase() === mailbox;
  const ownKey = isPlain ? mailbox : `tags of ${mailbox}`;
  const ownLimit = { limit: limits['mails-to-own-unproven-address'], key: ownKey };
  const own = isOwn ? await writeAs([ownLimit]) : null;
  if (own?.ok === true) return own.result;
  const outcome = await writeAs([...others, ...limitMailbox(mailbox, context)]);
  return outcome.ok ? outcome.result : (await write(false)).result;
}

/** The limits of mails to one mailbox whose owner may not have wanted them. */
function limitMailbox(mailbox: string, { address }: RequestContext): readonly KeyedLimit[] {
  const all = { limit: limits['mails-to-unproven-mailbox'], key: mailbox };
  const from = widestNetwork(address);
  return from === null
    ? [all]
    : [all, { limit: limits['mails-to-unproven-address'], key: `${mailbox} ${from}` }];
}

/** The limits of a mail that a user requests again to the address of an account. */
export function limitRepeatedMail(accountId: AccountId, context: RequestContext): readonly KeyedLimit[] {
  return [
    { limit: limits['mails-to-account'], key: accountId },
    ...limitAddress(limits['mails-from-address'], context),
  ];
}
