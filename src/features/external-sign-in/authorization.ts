import type { Core } from '../../auth/core.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext, SignedInContext, Submission } from '../../auth/request-context.ts';
import {
  limitAddress,
  refusalHeaders,
  type Throttled,
  tooManyNotice,
} from '../../platform/rate-limit/index.ts';
import { type FlashDefinition, NO_FORM, originOf, withNext } from '../../platform/web/index.ts';
import { createAuthorizationRequest, type NewAuthorizationRequest } from './authorization-requests.ts';
import { authorizationUrl } from './client/authorization-code.ts';
import type { Failure } from './client/failure.ts';
import type { ProviderClient } from './client/provider-client.ts';
import { events, flashes, limits, type ProviderFailure } from './definitions.ts';
import { redirectPage, tooManyView } from './pages.ts';
import { callbackPath, type Provider } from './providers/provider.ts';
import { redirectWords } from './words.ts';

type Intended = Omit<NewAuthorizationRequest, 'provider'>;

/** POST /oauth/:provider: redirects to the provider for signing in; a signed-in user continues. */
export function startSignIn(core: Core, client: ProviderClient) {
  return (submission: Submission) => {
    const { context, form } = submission;
    const next = core.locations.readNext(form.text('next'));
    if (context.signedIn !== null) return core.pages.redirect(core.locations.onward(next));
    const invitation = context.flow;
    return begin(core, client, submission, { intent: 'sign-in', sessionId: null, next, invitation });
  };
}

/** POST /account/confirm/:provider: redirects to the provider for fresh authentication. */
export function startConfirmation(core: Core, client: ProviderClient) {
  return (submission: Submission<SignedInContext>) => {
    const { context, form } = submission;
    const next = core.locations.readNext(form.text('next'));
    const sessionId = context.signedIn.session.id;
    return begin(core, client, submission, { intent: 'confirm', sessionId, next, invitation: '' });
  };
}

async function begin(
  core: Core,
  client: ProviderClient,
  submission: Submission,
  request: Intended,
): Promise<Response> {
  const { context } = submission;
  const started = await requestAuthorization(core, client, submission, request);
  if (started.ok) {
    const url = started.result;
    return url instanceof URL
      ? goToProvider(core, context, client, url)
      : answerFailure(core, context, client.provider, url, request);
  }
  const now = core.clock();
  const page = tooManyView(context.words, await tooManyNotice(context.words, started.refusal, now));
  return core.pages.show(context, 429, page, refusalHeaders(started.refusal, now));
}

/** Each request stores a row, so the requests of one address are limited. */
export function requestAuthorization(
  core: Core,
  client: ProviderClient,
  { context, form }: Submission,
  request: Intended,
): Promise<Throttled<URL | Failure>> {
  const counted = limitAddress(limits['provider-sign-ins'], context);
  return core.throttle({ context, counted, form, subject: null }, async () => {
    const { provider } = client;
    const stored = { ...request, provider: provider.name };
    const { state, keys } = await createAuthorizationRequest(core, context, stored);
    const redirectUri = core.locations.url(callbackPath(provider));
    const mustReauthenticate = request.intent === 'confirm';
    const url = await authorizationUrl(client, { state, keys, redirectUri, mustReauthenticate });
    return { result: url, verdict: 'counted' };
  });
}

/**
 * A page instead of a redirect: `form-action` keeps browsers from following one to another origin, and the origins to
 * which a provider redirects in turn are not known.
 */
export function goToProvider(
  { pages }: Core,
  context: RequestContext,
  { provider }: ProviderClient,
  url: URL,
) {
  return pages.show(context, 200, redirectPage(context.words(redirectWords).signIn, provider.label, url));
}

const FLASHES: Readonly<Record<ProviderFailure, FlashDefinition>> = {
  expired: flashes.providerTooLate,
  'other-browser': flashes.providerOtherBrowser,
  'other-session': flashes.providerOtherSession,
  'unknown-state': flashes.providerUnknownState,
  cancelled: flashes.providerCancelled,
  refused: flashes.providerFailed,
  unavailable: flashes.providerUnavailable,
  invalid: flashes.providerFailed,
  clock: flashes.providerClock,
  'not-admitted': flashes.providerRefused,
  'not-evaluated': flashes.providerNotEvaluated,
  unknown: flashes.providerUnknown,
};

/** Announces a failure. @returns the message for the user */
export function reportFailure(
  { announce }: Core,
  context: RequestContext,
  { name: provider }: Provider,
  failure: Failure,
): FlashDefinition {
  announce(events.providerFailed, { provider, ...failure }, originOf(context));
  return FLASHES[failure.reason];
}

/**
 * Redirects with the message of a failure that any client can cause without having begun anything; each is reported until
 * one address has caused many.
 */
export async function answerUnrequested(
  core: Core,
  context: RequestContext,
  provider: Provider,
  failure: Failure,
): Promise<Response> {
  const counted = limitAddress(limits['unrequested-responses'], context);
  const reported = await core.throttle({ context, counted, form: NO_FORM, subject: null }, async () => ({
    result: reportFailure(core, context, provider, failure),
    verdict: 'counted',
  }));
  core.pages.flash(context, reported.ok ? reported.result : FLASHES[failure.reason]);
  return core.pages.redirect(returnPath(core, context, null));
}

type Request = Pick<NewAuthorizationRequest, 'intent' | 'next'>;

/** Reports a failure and redirects to the page where the request was created. */
export function answerFailure(
  core: Core,
  context: RequestContext,
  provider: Provider,
  failure: Failure,
  request: Request | null,
): Response {
  core.pages.flash(context, reportFailure(core, context, provider, failure));
  return core.pages.redirect(returnPath(core, context, request));
}

function returnPath({ locations }: Core, context: RequestContext, request: Request | null): string {
  if (request === null) return context.signedIn === null ? paths.login : locations.onward(null);
  const { intent, next } = request;
  if (intent === 'connect') return '/account/connections';
  return withNext(intent === 'confirm' ? paths.confirm : paths.login, next);
}
