import type { Core } from '../../auth/core.ts';
import type { SignInStep } from '../../auth/required-steps/sign-in-step.ts';

export const STEP = 'confirm-address';
export const STEP_PATH = '/login/confirm-address';

/** With `EMAIL=required`, an account whose address is not confirmed has to confirm it before a sign-in is complete. */
export function confirmAddressStep({ settings, accounts }: Core): SignInStep {
  return {
    name: STEP,
    path: STEP_PATH,
    isRequired: async (accountId) => {
      if (settings.email !== 'required') return false;
      const account = await accounts.read(accountId);
      return account !== null && account.email !== null && account.emailVerifiedAt === null;
    },
  };
}
