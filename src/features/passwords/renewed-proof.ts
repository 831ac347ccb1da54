import type { Core } from '../../auth/core.ts';
import type { SignedInContext, Submission } from '../../auth/request-context.ts';
import type { Throttled } from '../../platform/rate-limit/index.ts';
import { limitReauthentication } from './limits.ts';
import type { Passwords } from './passwords.ts';
import { accountKey } from './queue-keys.ts';

/**
 * Whether a signed-in user knows the password of the account. The attempts are limited as at sign-in, because the session may
 * be stolen.
 */
export function attemptProof(
  { throttle }: Core,
  passwords: Passwords,
  { context, form }: Submission<SignedInContext>,
  password: string,
): Promise<Throttled<boolean>> {
  const { id: accountId } = context.signedIn.user;
  return throttle(
    { context, counted: limitReauthentication(context), form, subject: accountId },
    async () => {
      const verification = await passwords.verify(
        accountId,
        password,
        accountKey(accountId, 'known', context),
      );
      passwords.notifyIfDisabled(context, accountId, verification);
      const isRight = verification === 'right';
      return { result: isRight, verdict: isRight ? 'succeeded' : 'failed' };
    },
  );
}
