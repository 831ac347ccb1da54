import type { Core } from '../../../auth/core.ts';
import type { AccountId } from '../../../auth/identifiers/ids.ts';
import type { RequestContext } from '../../../auth/request-context.ts';
import type { Queries } from '../../../auth/schema.ts';
import type { Occasion } from '../../../platform/mail/index.ts';
import { DAY, Overloaded } from '../../../platform/runtime/index.ts';
import type { Passwords } from '../../passwords/index.ts';
import { reachableAccount } from '../../requested-mail/index.ts';
import { changes, emails } from '../definitions.ts';
import { issueReset, resetPagePath } from '../reset-token.ts';

/** The owner may read it tomorrow. @see NIST SP 800-63B-4 §4.2.1.2: a code in a mail is good for 24 hours at most */
const LIFETIME = DAY;

/**
 * Notifies the owner of an account that wrong passwords have disabled the password, with a link for a new one: once until the
 * password works again, and after the response, so that its time reveals nothing.
 */
export function notifyOfDisabling(
  core: Core,
  passwords: Passwords,
  context: RequestContext,
  accountId: AccountId,
): void {
  try {
    core.afterAnswer.run(() => report(core, passwords, context, accountId));
  } catch (error) {
    // The next attempt notices it, too.
    if (!(error instanceof Overloaded)) throw error;
  }
}

async function report(
  core: Core,
  passwords: Passwords,
  context: RequestContext,
  accountId: AccountId,
): Promise<void> {
  const version = await passwords.version(accountId);
  await core.changeCredential(context, changes.passwordDisabled, {
    accountId,
    apply: async (transaction, occasion) => {
      if (!(await passwords.noteDisabled(transaction, accountId, occasion.at))) return false;
      await mailLink(core, transaction, { accountId, version, occasion });
      return true;
    },
    event: { accountId },
  });
}

type Disabled = {
  readonly accountId: AccountId;
  readonly version: number | null;
  readonly occasion: Occasion;
};

/** Only where it can be used. */
async function mailLink(
  core: Core,
  transaction: Queries,
  { accountId, version, occasion }: Disabled,
): Promise<void> {
  if (!(await reachableAccount(core, accountId)).ok) return;
  await core.notices.queue(transaction, {
    accountId,
    occasion,
    write: async ({ username, address }) => {
      const reset = { accountId, address, version, lifetime: LIFETIME };
      const token = await issueReset(core, transaction, reset, occasion.at);
      const page = resetPagePath(token);
      return emails.passwordDisabled.with({ username, page, expires: occasion.at + LIFETIME });
    },
  });
}
