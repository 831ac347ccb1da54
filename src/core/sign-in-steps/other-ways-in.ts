import type { Queries } from '../database/schema.ts';
import type { SignInRules } from './sign-in-step.ts';

/** The ways into an account that somebody else may have set up, such as other sites. */
export type OtherWaysIn = {
  /** What people call them. */
  readonly labels: (accountId: string) => Promise<readonly string[]>;
  /** Takes them away, in the transaction of the account's recovery (A20). */
  readonly forget: (transaction: Queries, accountId: string) => Promise<void>;
};

export function createOtherWaysIn(rules: () => SignInRules): OtherWaysIn {
  return {
    labels: async (accountId) => {
      const labels = rules().methods.map(({ labelsOf }) => labelsOf?.(accountId) ?? []);
      return (await Promise.all(labels)).flat();
    },
    forget: async (transaction, accountId) => {
      for (const { forget } of rules().methods) await forget?.(transaction, accountId);
    },
  };
}
