import type { Core } from '../../../auth/core.ts';
import { paths } from '../../../auth/paths.ts';
import type { SignedInContext, Submission } from '../../../platform/web/context.ts';
import { safeNextPath } from '../../../platform/web/next-path.ts';
import type { ProviderClient } from '../protocol/provider-client.ts';
import { begin } from './begin.ts';

/** POST /oauth/:provider: to the provider, to sign in; whoever is signed in already goes on. */
export function startSignIn(core: Core, client: ProviderClient) {
  return (submission: Submission) => {
    const { context, form } = submission;
    const next = safeNextPath(form.text('next'), core.settings.baseUrl.origin);
    if (context.signedIn !== null) return core.pages.redirect(next ?? paths.home);
    return begin(core, client, submission, {
      intent: 'sign-in',
      sessionId: null,
      next,
      invitation: context.flow,
    });
  };
}

/** POST /account/confirm/:provider: to the provider, to prove anew who it is that is signed in here. */
export function startConfirmation(core: Core, client: ProviderClient) {
  return (submission: Submission<SignedInContext>) => {
    const { context, form } = submission;
    const next = safeNextPath(form.text('next'), core.settings.baseUrl.origin);
    const sessionId = context.signedIn.session.id;
    return begin(core, client, submission, { intent: 'confirm', sessionId, next, invitation: '' });
  };
}
