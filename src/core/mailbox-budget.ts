import type { Core } from './core.ts';
import type { RequestContext } from './http/context.ts';
import { NO_FORM } from './http/form.ts';
import { mailboxKey } from './identifiers/email-address.ts';
import type { Counted } from './throttle/surfaces.ts';

const POLICY = 'mails-to-unproven-address';

/**
 * Does what leads to a mail that the owner of the mailbox may not have wanted, because the address is not confirmed or
 * another user named it. All ways to such a mail share one budget (I05). Past it the same is done without the mail: the
 * budget must not tell a client what others have done with the address (A03).
 * @param others what else the mail is counted as
 * @param write is told whether to send the mail, and says whether it did
 */
export async function withinMailboxBudget<Result>(
  core: Pick<Core, 'throttle'>,
  context: RequestContext,
  { address, others = [] }: { readonly address: string; readonly others?: readonly Counted[] },
  write: (isMailed: boolean) => Promise<{ readonly result: Result; readonly isSent: boolean }>,
): Promise<Result> {
  const counted = [...others, { policy: POLICY, subject: mailboxKey(address) } as const];
  const outcome = await core.throttle({ context, counted, form: NO_FORM, accountId: null }, async () => {
    const { result, isSent } = await write(true);
    return { result, verdict: isSent ? counted.map(({ policy }) => policy) : 'succeeded' };
  });
  return outcome.allowed ? outcome.result : (await write(false)).result;
}
