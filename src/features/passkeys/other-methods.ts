import type { Core } from '../../auth/core.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import type { SignInMethodName } from '../../auth/required-steps/sign-in-step.ts';

/** Whether the user can still sign in without these methods: by another one, or after a mail to the confirmed address. */
export async function canSignInBeside(
  { slots, mail }: Core,
  { signedIn: { user } }: SignedInContext,
  without: readonly SignInMethodName[],
): Promise<boolean> {
  if (mail.isPossible && user.emailVerified) return true;
  for (const { name, canBeAskedAgain } of slots().signInRules.methods)
    if (!without.includes(name) && (await canBeAskedAgain?.(user.id)) === true) return true;
  return false;
}
