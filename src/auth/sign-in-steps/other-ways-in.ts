import type { Account } from '../accounts/account.ts';
import type { Queries } from '../schema.ts';
import type { AddedWayIn, SignInRules } from './sign-in-step.ts';

/** The ways into an account that an attacker may have added, such as identities at providers. */
export type OtherWaysIn = {
  /** @param on perhaps a transaction that it is part of */
  readonly list: (account: Account, on?: Queries) => Promise<readonly AddedWayIn[]>;
  /** Takes them away, in the transaction of the account's recovery (A20). @param kept the ids of those that stay */
  readonly forget: (transaction: Queries, accountId: string, kept?: readonly string[]) => Promise<void>;
};

export function createOtherWaysIn(rules: () => SignInRules): OtherWaysIn {
  return {
    list: async (account, on) => {
      const ways: AddedWayIn[] = [];
      // One after another: a transaction has one connection.
      for (const { addedWaysOf } of rules().methods) ways.push(...((await addedWaysOf?.(account, on)) ?? []));
      return ways;
    },
    forget: async (transaction, accountId, kept = []) => {
      for (const { forget } of rules().methods) await forget?.(transaction, accountId, kept);
    },
  };
}
