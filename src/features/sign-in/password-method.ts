import type { SignInMethod } from '../../auth/required-steps/sign-in-step.ts';
import type { Passwords } from '../passwords/index.ts';

/** What a password proves for the gate: it counts as long as it is the account's password. */
export function passwordMethod({ version }: Passwords): SignInMethod {
  return {
    name: 'password',
    stillHolds: async (accountId, credential) => `${await version(accountId)}` === credential,
    proofOf: async (_credential, now) => ({ by: 'password', at: now }),
    canBeAskedAgain: async (accountId) => (await version(accountId)) !== null,
  };
}
