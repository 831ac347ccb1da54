import type { Core } from '../../auth/core.ts';
import { paths } from '../../auth/paths.ts';
import type { Submission } from '../../platform/web/context.ts';
import { flashes } from './definitions.ts';

/** POST /login/cancel: leaves a sign-in that waits for a step; nobody is signed in. */
export function cancelSignIn({ pendingSignIns, pages }: Core) {
  return async ({ context }: Submission) => {
    await pendingSignIns.drop(context);
    pages.flash(context, flashes.signInCancelled);
    return pages.redirect(paths.login);
  };
}
