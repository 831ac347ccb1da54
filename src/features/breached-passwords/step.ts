import type { SignInStep } from '../../auth/required-steps/sign-in-step.ts';
import type { Passwords } from '../passwords/index.ts';

export const STEP = 'new-password';

/** Stands in the way of whoever signs in with a password that is known to be stolen. */
export function newPasswordStep({ foundBreachedAt }: Passwords): SignInStep {
  return {
    name: STEP,
    path: '/login/new-password',
    isRequired: async (accountId, facts) =>
      facts.includes('breached-password') || (await foundBreachedAt(accountId)) !== null,
  };
}
