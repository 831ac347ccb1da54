import type { Core } from '../../auth/core.ts';
import type { ChangeOptions, CredentialChange } from '../../auth/credential-change.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { Queries } from '../../auth/schema.ts';
import type { EventData } from '../../platform/events/index.ts';
import type { Email, Occasion } from '../../platform/mail/index.ts';
import { formerAddresses } from '../email-change/index.ts';
import { emails, nextChange, notePassword, tokens } from '../second-factors/index.ts';

export const UNDO = '/undo-second-factor-change';

export type FactorChange<Data, Reason extends string> = Pick<ChangeOptions<Reason>, 'accountId' | 'token'> & {
  /**
   * Adds factors by `insertFactor` or removes them by `removeFactors`, at the given time, with what proves them.
   * @returns false where another request was faster, or why the change is refused; then nothing is kept
   */
  readonly apply: (transaction: Queries, at: number) => ReturnType<ChangeOptions<Reason>['apply']>;
  /** What the mail about it says, such as “Added: passkey”. */
  readonly said: string;
  readonly event: Data;
};

/**
 * Changes the second factors of an account through `changeCredential`. Every address of the account is notified, each with a
 * link that undoes this change and those after it for three days.
 */
export function changeFactors<Data extends EventData, Reason extends string = never>(
  core: Core,
  context: RequestContext,
  change: CredentialChange<Data>,
  { apply, said, event, ...about }: FactorChange<NoInfer<Data>, Reason>,
) {
  const { accountId } = about;
  return core.changeCredential<Data, Reason>(context, change, {
    ...about,
    apply: async (transaction, occasion) => {
      const since = await nextChange(transaction, accountId, occasion.at);
      const applied = await apply(transaction, since);
      if (applied !== true) return applied;
      // A mail that sets another password ends this session, so the password is not from one (`independentPassword`).
      if (isByPassword(context, accountId)) await notePassword(transaction, accountId, occasion.at);
      await notify(core, transaction, { accountId, occasion, since, said });
      return true;
    },
    event,
  });
}

/** Whether the change is made in a session of the account that began with its password. */
function isByPassword({ signedIn }: RequestContext, accountId: AccountId): boolean {
  return signedIn?.user.id === accountId && signedIn.session.method === 'password';
}

type Changed = {
  readonly accountId: AccountId;
  readonly occasion: Occasion;
  readonly since: number;
  readonly said: string;
};

async function notify(
  core: Core,
  transaction: Queries,
  { accountId, occasion, since, said }: Changed,
): Promise<void> {
  const purpose = tokens['second-factor-undo'];
  await notifyAll(core, transaction, { accountId, occasion }, async (username, address) => {
    // Issued at the time of the change, so that the one that is used voids the other, and those of later changes.
    const about = { purpose, accountId, data: { address, since } };
    const token = await core.oneTimeTokens.issue(transaction, about, since);
    const page = `${UNDO}?token=${token}` as const;
    return emails.secondFactorChanged.with({
      username,
      page,
      change: said,
      expires: since + purpose.lifetime,
    });
  });
}

/** Queues a mail to the confirmed address of an account, and to those that it had in the last three days. */
export async function notifyAll(
  core: Core,
  transaction: Queries,
  { accountId, occasion }: Pick<Changed, 'accountId' | 'occasion'>,
  write: (username: string, address: string) => Promise<Email> | Email,
): Promise<void> {
  const { accounts, mail } = core;
  const account = mail.isPossible ? await accounts.read(accountId, transaction) : null;
  if (account === null) return;
  const { username, email, emailVerifiedAt } = account;
  const own = email === null || emailVerifiedAt === null ? [] : [email];
  const addresses = new Set([...own, ...(await formerAddresses(core, transaction, accountId, occasion.at))]);
  for (const to of addresses)
    await mail.queue(transaction, { to, ownerId: accountId, email: await write(username, to), occasion });
}
