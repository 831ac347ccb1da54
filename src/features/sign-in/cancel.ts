import type { Core } from '../../core/core.ts';
import type { Submission } from '../../core/http/context.ts';
import { paths } from '../../core/paths.ts';

/** POST /login/cancel: leaves a sign-in that waits for a step; nobody is signed in. */
export function cancelSignIn({ pendingSignIns, pages }: Core) {
  return async ({ context }: Submission) => {
    await pendingSignIns.drop(context);
    pages.flash(context, 'signInCancelled');
    return pages.redirect(paths.login);
  };
}
