import type { Core } from '../../auth/core.ts';
import { events as authEvents } from '../../auth/definitions.ts';
import { paths } from '../../auth/paths.ts';
import { isSignedIn, type RequestContext, type SignedInContext } from '../../auth/request-context.ts';
import { SECOND } from '../../platform/runtime/index.ts';
import { isAdvanceRequest, originOf, readForm, withNext } from '../../platform/web/index.ts';
import { acceptProof } from '../fresh-authentication/index.ts';
import { answerFailure, answerUnrequested } from './authorization.ts';
import {
  type AuthorizationRequest,
  consumeAuthorizationRequest,
  repeatableCallback,
} from './authorization-requests.ts';
import { type ExternalIdentity, exchangeCode } from './client/authorization-code.ts';
import { MAX_READ_LENGTH, refusalFrom } from './client/failure.ts';
import type { ProviderClient } from './client/provider-client.ts';
import { finishConnecting } from './connections.ts';
import { events, flashes } from './definitions.ts';
import { completeFederatedLogin, recordFederatedLogin } from './federated-logins.ts';
import type { ReceiveNewUser } from './new-account.ts';
import { callbackPath, type Provider } from './providers/provider.ts';
import { findIdentity, noteUse } from './store/identities.ts';

/**
 * GET /oauth/:provider/callback: consumes the authorization request of this browser, validates the response, and continues
 * by the request's intent. The protocol makes a GET do this; without the browser's cookie it does nothing. A repeated
 * response gets the outcome of the first, whichever code it brings: that code is not redeemed (A66).
 */
export function receiveAnswer(core: Core, client: ProviderClient, receiveNewUser: ReceiveNewUser) {
  const { provider } = client;
  const receive = async (context: RequestContext) => {
    const request = await consumeAuthorizationRequest(core, context, provider.name);
    // Providers send errors without the state or `iss`; no error gives access, so each is reported as it is.
    const error = context.query('error');
    const refusal = error === null ? null : refusalFrom(error, context.query('error_description'));
    if ('reason' in request) return answerUnrequested(core, context, provider, refusal ?? request);
    if (refusal !== null) return answerFailure(core, context, provider, refusal, request);
    const url = core.locations.url(callbackPath(provider) + new URL(context.request.url).search);
    const answer = { url, state: context.query('state') ?? '', keys: request.keys };
    const now = core.clock();
    const found = await exchangeCode(client, { ...answer, now, maximumAge: maximumAge(core, request) });
    if ('reason' in found) return answerFailure(core, context, provider, found, request);
    const { intent } = request;
    if (found.incomplete !== null)
      core.announce(
        events.providerIncomplete,
        { provider: provider.name, code: found.incomplete },
        originOf(context),
      );
    if (intent === 'sign-in') return finishSignIn(core, context, receiveNewUser, provider, request, found);
    if (!isSignedIn(context))
      return answerFailure(core, context, provider, { reason: 'other-session', code: null }, request);
    return intent === 'connect'
      ? finishConnecting(core, context, provider, found)
      : finishConfirmation(core, context, request, found);
  };
  return (context: RequestContext) =>
    isAdvanceRequest(context.request)
      ? core.answers.text(503, 'This address is only opened by a user.\n')
      : core.repeats.once(context, repeatableCallback(core, context, provider.name), () => receive(context));
}

/** Fresh authentication must have happened after the request was created. */
function maximumAge({ clock }: Core, { intent, createdAt }: AuthorizationRequest): number | null {
  return intent === 'confirm' ? Math.max(0, Math.ceil((clock() - createdAt) / SECOND)) : null;
}

/** Signs in the account that has the identity; a new user continues with registration. */
async function finishSignIn(
  core: Core,
  context: RequestContext,
  receiveNewUser: ReceiveNewUser,
  provider: Provider,
  { next, invitation }: AuthorizationRequest,
  found: ExternalIdentity,
): Promise<Response> {
  const known = await findIdentity(core.database.queries, found.issuer, found.subject);
  const federatedLoginId = await recordFederatedLogin(core, provider, found);
  if (known === null)
    return receiveNewUser(context, provider, { ...found, federatedLoginId }, { next, invitation });
  const entering = { accountId: known.accountId, federatedLoginId };
  const progress = await completeFederatedLogin(core, context, entering, next);
  if (progress === null) core.pages.flash(context, flashes.providerRefused);
  return core.pages.redirect(progress?.next ?? paths.login);
}

/** Accepts the fresh authentication if the identity is linked to the account that is signed in (A38). */
async function finishConfirmation(
  core: Core,
  context: SignedInContext,
  { next }: AuthorizationRequest,
  found: ExternalIdentity,
): Promise<Response> {
  const { user, session } = context.signedIn;
  const known = await findIdentity(core.database.queries, found.issuer, found.subject);
  if (known?.accountId !== user.id) {
    const about = { accountId: user.id, sessionId: session.id };
    core.announce(authEvents.identityNotConfirmed, about, originOf(context));
    core.pages.flash(context, flashes.confirmedByOther);
    return core.pages.redirect(withNext(paths.confirm, next));
  }
  await noteUse(core.database.queries, known.id, core.clock());
  const accepted = await acceptProof(core, context, 'provider', next);
  if (accepted.ok && accepted.flashes !== undefined) core.pages.flash(context, ...accepted.flashes);
  return core.pages.redirect(accepted.next);
}

/** The parameters of a response; no other field of a form becomes part of an address, and none but a code is long. */
const PARAMETERS = ['code', 'state', 'iss', 'error', 'error_description'] as const;

/**
 * POST /oauth/:provider/callback: the response as a form (`form_post`). The browser sends no cookie with a cross-site form,
 * so the response is only redirected to the GET.
 */
export function receiveForm(core: Core, { provider }: ProviderClient) {
  return async (context: RequestContext) => {
    const form = await readForm(context.request);
    const parameters = new URLSearchParams();
    for (const name of PARAMETERS) {
      const text = name === 'code' ? form.text(name) : form.text(name).slice(0, MAX_READ_LENGTH);
      if (text !== '') parameters.set(name, text);
    }
    return core.pages.redirect(`${callbackPath(provider)}?${parameters}`);
  };
}
