import { mailboxKey } from '../platform/text/email-address.ts';
import type { RequestContext } from '../platform/web/context.ts';
import { NO_FORM } from '../platform/web/form.ts';
import type { Core } from './core.ts';
import { type Counted, ownMailsInto, unprovenMailsInto } from './throttle/surfaces.ts';

export type UnprovenMail = {
  readonly address: string;
  /** What else the mail is counted as. */
  readonly others?: readonly Counted[];
  /**
   * Whether the request comes from a browser that the account of the address knows, or from its session or its sign-in that
   * waits. Such mails have a share of their own, which strangers cannot use up (A07).
   */
  readonly isOwn?: boolean;
};

/**
 * Does what leads to a mail that the owner of the mailbox may not have wanted, because the address is not confirmed or
 * another user named it. All ways to such a mail share budgets: one of each client network, and one of all together (I05).
 * Past them the same is done without the mail: a budget must not tell a client what others have done with the address
 * (A03). The operator sees it as `throttled`.
 * @param write is told whether to send the mail, and says whether it did
 */
export async function withinMailboxBudget<Result>(
  core: Pick<Core, 'throttle'>,
  context: RequestContext,
  { address, others = [], isOwn = false }: UnprovenMail,
  write: (isMailed: boolean) => Promise<{ readonly result: Result; readonly isSent: boolean }>,
): Promise<Result> {
  const mailbox = mailboxKey(address);
  const writeAs = (counted: readonly Counted[]) =>
    core.throttle({ context, counted, form: NO_FORM, accountId: null }, async () => {
      const { result, isSent } = await write(true);
      return { result, verdict: isSent ? counted.map(({ policy }) => policy) : 'succeeded' };
    });
  // An address with a tag is one of many that one client can register: they have one share together.
  const isPlain = address.toLowerCase() === mailbox;
  const own = isOwn ? await writeAs([ownMailsInto(mailbox, isPlain)]) : null;
  if (own?.allowed === true) return own.result;
  const outcome = await writeAs([...others, ...unprovenMailsInto(mailbox, context)]);
  return outcome.allowed ? outcome.result : (await write(false)).result;
}
