import type { Core } from '../../auth/core.ts';
import { paths } from '../../auth/paths.ts';
import type { Queries } from '../../auth/schema.ts';
import { deviceOf, type RequestContext } from '../../platform/web/context.ts';

export type PasswordChanged = {
  readonly accountId: string;
  /** Milliseconds of UTC. */
  readonly now: number;
  /** What was disconnected with it. */
  readonly disconnected?: readonly string[];
};

/** Tells the owner of an account that its password was changed, and what else still lets in; the last part of the change. */
export function queuePasswordChanged(
  { notices, accounts, otherWaysIn }: Core,
  transaction: Queries,
  context: RequestContext,
  { accountId, now, disconnected = [] }: PasswordChanged,
): Promise<void> {
  return notices.queue(transaction, {
    accountId,
    occasion: notices.occasionOf(deviceOf(context), now),
    write: async ({ username, occasion }) => {
      const account = await accounts.read(accountId, transaction);
      const others = account === null ? [] : await otherWaysIn.list(account, transaction);
      const otherWays = [...new Set(others.map(({ label }) => label))];
      const page = paths.forgotPassword;
      return { name: 'password-changed', username, page, occasion, otherWays, disconnected };
    },
  });
}
