import type { Core } from '../../auth/core.ts';
import { flashes as authFlashes } from '../../auth/definitions.ts';
import { paths } from '../../auth/paths.ts';
import type { SignInMethod } from '../../auth/required-steps/sign-in-step.ts';
import { progressOf } from '../../auth/sign-in.ts';
import type { RequestContext } from '../../platform/web/context.ts';
import { type Asked, forgetRequest } from './asking/request-cookie.ts';
import type { SignInLink } from './link-token.ts';

/** What a mail proves for the gate: it counts as long as the account has that address, and it is confirmed. */
export function magicLinkMethod({ accounts }: Core): SignInMethod {
  return {
    name: 'magic-link',
    stillHolds: async (accountId, address) => {
      const account = await accounts.read(accountId);
      return account !== null && account.email === address && account.emailVerifiedAt !== null;
    },
    proofOf: async (_address, now) => ({ by: 'mail', at: now }),
  };
}

/**
 * Through the gate, once the link or the code was spent: further steps stand in the way of it as of a password.
 * @returns the path to redirect to
 */
export async function enter(
  core: Core,
  context: RequestContext,
  { accountId, address }: Pick<SignInLink, 'accountId' | 'address'>,
  asked: Asked,
): Promise<string> {
  const { isRemembered, next } = asked;
  forgetRequest(core, context, asked);
  const proof = { method: 'magic-link', credential: address, facts: [] } as const;
  const outcome = await core.completeSignIn(context, { accountId, isRemembered, next, ...proof });
  const progress = progressOf(outcome, next);
  if (progress !== null) return progress.next;
  core.pages.flash(context, authFlashes.signInExpired);
  return paths.login;
}
