import type { Core } from '../../../auth/core.ts';
import { SECOND } from '../../../platform/runtime/clock.ts';
import type { RequestContext, SignedInContext } from '../../../platform/web/context.ts';
import { readForm } from '../../../platform/web/form.ts';
import { finishConnecting } from '../connections/connecting.ts';
import type { Newcomers } from '../newcomers/newcomers.ts';
import { exchange } from '../protocol/exchange.ts';
import { type Failure, refusalFrom } from '../protocol/failure.ts';
import type { ProviderClient } from '../protocol/provider-client.ts';
import { repeatableCallback, type Transaction, takeTransaction } from '../transactions/transactions.ts';
import { callbackPath } from './addresses.ts';
import { finishConfirmation } from './confirmation.ts';
import { answerFailure } from './failed.ts';
import { finishSignIn } from './sign-in.ts';

/**
 * GET /oauth/:provider/callback: the way that was begun in this browser ends, once → what the provider says is verified →
 * on, by what it was begun for. That a GET ends it is the protocol’s doing; without the browser’s cookie it does nothing.
 * One that arrives twice leads where the first has led, whichever code it brings: that code is left unspent (A66).
 */
export function receiveAnswer(core: Core, client: ProviderClient, newcomers: Newcomers) {
  const { provider } = client;
  const receive = async (context: RequestContext) => {
    const transaction = await takeTransaction(core, context, provider.name);
    if (transaction === null)
      return answerFailure(core, context, provider, withoutTransaction(context), null);
    const url = new URL(callbackPath(provider) + new URL(context.request.url).search, core.settings.baseUrl);
    const answer = { url, state: context.query('state') ?? '', keys: transaction.keys };
    const now = core.clock();
    const found = await exchange(client, { ...answer, now, maximumAge: maximumAge(core, transaction) });
    if ('reason' in found) return answerFailure(core, context, provider, found, transaction);
    const { intent } = transaction;
    if (intent === 'sign-in') return finishSignIn(core, context, newcomers, provider, transaction, found);
    if (!isSignedIn(context))
      return answerFailure(core, context, provider, { reason: 'expired', code: 'signed-out' }, transaction);
    return intent === 'connect'
      ? finishConnecting(core, context, provider, found)
      : finishConfirmation(core, context, transaction, found);
  };
  return (context: RequestContext) =>
    core.repeats.once(context, repeatableCallback(core, context, provider.name), () => receive(context));
}

/** Some providers refuse without the state. Nothing is believed of it but that it is said to the operator. */
function withoutTransaction(context: RequestContext): Failure {
  const error = context.query('error');
  if (error !== null) return refusalFrom(error, context.query('error_description'));
  return { reason: 'expired', code: context.query('state') === null ? 'no-state' : 'no-transaction' };
}

function isSignedIn(context: RequestContext): context is SignedInContext {
  return context.signedIn !== null;
}

/** Whoever proves anew who they are must have done so since they were sent there. */
function maximumAge({ clock }: Core, { intent, createdAt }: Transaction): number | null {
  return intent === 'confirm' ? Math.max(0, Math.ceil((clock() - createdAt) / SECOND)) : null;
}

/** What an answer may carry; nothing else of a form goes into an address. */
const PARAMETERS = ['code', 'state', 'iss', 'error', 'error_description'] as const;

/**
 * POST /oauth/:provider/callback: the same where a provider answers with a form (`form_post`). It comes from another site,
 * so the browser sends no cookie with it: nothing is done but to have it come again as a GET.
 */
export function receiveForm(core: Core, { provider }: ProviderClient) {
  return async (context: RequestContext) => {
    const form = await readForm(context.request);
    const parameters = new URLSearchParams();
    for (const name of PARAMETERS) if (form.text(name) !== '') parameters.set(name, form.text(name));
    return core.answers.redirect(`${callbackPath(provider)}?${parameters}`);
  };
}
