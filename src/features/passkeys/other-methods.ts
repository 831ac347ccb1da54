import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { SignInMethodName } from '../../auth/required-steps/sign-in-step.ts';

/** Whether a user can still sign in without these methods: by another one, or after a mail to the confirmed address. */
export async function canSignInBeside(
  { accounts, slots, mail }: Core,
  accountId: AccountId,
  without: readonly SignInMethodName[],
): Promise<boolean> {
  const account = mail.isPossible ? await accounts.read(accountId) : null;
  if (account !== null && account.emailVerifiedAt !== null) return true;
  for (const { name, canBeAskedAgain } of slots().signInRules.methods)
    if (!without.includes(name) && (await canBeAskedAgain?.(accountId)) === true) return true;
  return false;
}
