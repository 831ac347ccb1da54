import type { Core } from '../../auth/core.ts';
import type { SignInStep } from '../../auth/required-steps/sign-in-step.ts';
import type { FactorPolicy } from '../second-factors/index.ts';

export const STEP = 'confirm-address';
export const STEP_PATH = '/login/confirm-address';

/**
 * With `EMAIL=required`, an account whose address is not confirmed has to confirm it before a sign-in is complete; and any
 * such account before a sign-in has it set up a second factor (A20).
 */
export function confirmAddressStep({ settings, accounts, mail }: Core, policy: FactorPolicy): SignInStep {
  return {
    name: STEP,
    path: STEP_PATH,
    isRequired: async (accountId, facts) => {
      if (settings.email !== 'required' && !(policy.isOn && mail.isPossible)) return false;
      const account = await accounts.read(accountId);
      if (account === null || account.email === null || account.emailVerifiedAt !== null) return false;
      return settings.email === 'required' || (await policy.demandOn(accountId, { facts }))?.isDue === true;
    },
  };
}
