import { reachableAccount } from '../../../auth/accounts/reachable-account.ts';
import type { Core } from '../../../auth/core.ts';
import { paths } from '../../../auth/paths.ts';
import type { Queries } from '../../../auth/schema.ts';
import { DAY } from '../../../platform/runtime/clock.ts';
import { Overloaded } from '../../../platform/runtime/limits.ts';
import { deviceOf, originOf, type RequestContext } from '../../../platform/web/context.ts';
import type { Passwords } from '../../passwords/index.ts';
import { issueReset } from '../reset-token.ts';

/** The owner may read it tomorrow. @see NIST SP 800-63B-4 §4.2.1.2: a code in a mail is good for 24 hours at most */
const LIFETIME = DAY;

/**
 * Tells the owner of an account that wrong passwords have disabled theirs, with a link for a new one: once until the
 * password works again, and after the answer, whose time tells nothing of it.
 */
export function tellOfDisabling(
  core: Core,
  passwords: Passwords,
  context: RequestContext,
  accountId: string,
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
  accountId: string,
): Promise<void> {
  const version = await passwords.version(accountId);
  const now = core.clock();
  const isFirst = await core.database.transaction(async (transaction) => {
    await core.accounts.lock(transaction, accountId);
    if (!(await passwords.noteDisabled(transaction, accountId, now))) return false;
    await mailLink(core, transaction, context, { accountId, version, now });
    return true;
  });
  if (isFirst) core.announce({ type: 'password-disabled', accountId }, originOf(context));
}

type Disabled = { readonly accountId: string; readonly version: number | null; readonly now: number };

/** Only where it can be used. */
async function mailLink(
  core: Core,
  transaction: Queries,
  context: RequestContext,
  { accountId, version, now }: Disabled,
): Promise<void> {
  if ('refusal' in (await reachableAccount(core, accountId))) return;
  await core.notices.queue(transaction, {
    accountId,
    occasion: core.notices.occasionOf(deviceOf(context), now),
    write: async ({ username, address, occasion }) => {
      const reset = { accountId, address, version, lifetime: LIFETIME };
      const token = await issueReset(core, transaction, reset, now);
      const page = `${paths.resetPassword}?token=${token}` as const;
      return { name: 'password-disabled', username, page, expiresAt: now + LIFETIME, occasion };
    },
  });
}
