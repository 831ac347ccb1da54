import type { Core } from '../../../auth/core.ts';
import { paths } from '../../../auth/paths.ts';
import type { RequestContext, SignedInContext, Submission } from '../../../auth/request-context.ts';
import { limitAddress, refusalHeaders, tooManyNotice } from '../../../platform/rate-limit/index.ts';
import { safeNextPath } from '../../../platform/web/next-path.ts';
import { authorizationUrl } from '../client/authorization-code.ts';
import type { ProviderClient } from '../client/provider-client.ts';
import { limits } from '../definitions.ts';
import { redirectPage, tooManyPage } from '../pages.ts';
import { callbackPath } from '../paths.ts';
import { externalSignInWords } from '../words.ts';
import { createAuthorizationRequest, type NewAuthorizationRequest } from './authorization-request.ts';
import { answerFailure } from './outcome.ts';

type Intended = Omit<NewAuthorizationRequest, 'provider'>;

/** POST /oauth/:provider: redirects to the provider for signing in; a signed-in user continues. */
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

/** POST /account/confirm/:provider: redirects to the provider for fresh authentication. */
export function startConfirmation(core: Core, client: ProviderClient) {
  return (submission: Submission<SignedInContext>) => {
    const { context, form } = submission;
    const next = safeNextPath(form.text('next'), core.settings.baseUrl.origin);
    const sessionId = context.signedIn.session.id;
    return begin(core, client, submission, { intent: 'confirm', sessionId, next, invitation: '' });
  };
}

/** Redirects to a provider. Each start stores a row, so one address may start a limited number. */
export async function begin(
  core: Core,
  client: ProviderClient,
  { context, form }: Submission,
  request: Intended,
): Promise<Response> {
  const counted = limitAddress(limits['provider-sign-ins'], context);
  const started = await core.throttle({ context, counted, form, subject: null }, async () => ({
    result: await redirectToProvider(core, client, context, request),
    verdict: 'counted',
  }));
  if (started.ok) return started.result;
  const now = core.clock();
  const { title, text } = await tooManyNotice(context.words, started.refusal, now);
  const body = tooManyPage(title, text);
  return core.pages.show(context, 429, { title, body }, refusalHeaders(started.refusal, now));
}

async function redirectToProvider(
  core: Core,
  client: ProviderClient,
  context: RequestContext,
  request: Intended,
): Promise<Response> {
  const { provider } = client;
  const { name, label } = provider;
  const { state, keys } = await createAuthorizationRequest(core, context, { ...request, provider: name });
  const redirectUri = new URL(callbackPath(provider), core.settings.baseUrl);
  const mustReauthenticate = request.intent === 'confirm';
  const url = await authorizationUrl(client, { state, keys, redirectUri, mustReauthenticate });
  if (!(url instanceof URL)) return answerFailure(core, context, provider, url, request);
  // A page instead of a redirect: `form-action` keeps browsers from following one to another origin, and the origins to
  // which a provider redirects in turn are not known.
  const { page, headers } = redirectPage(externalSignInWords.going, label, url);
  return core.pages.show(context, 200, page, headers);
}
