import type { Core } from '../../../auth/core.ts';
import { messages } from '../../../auth/pages/messages.ts';
import { askedFrom } from '../../../auth/throttle/surfaces.ts';
import { tooManyHeaders, tooManyNotice } from '../../../platform/rate-limit/too-many-answer.ts';
import type { Submission } from '../../../platform/web/context.ts';
import { goingPage, tooManyPage } from '../pages.ts';
import { authorizationUrl } from '../protocol/authorization.ts';
import type { ProviderClient } from '../protocol/provider-client.ts';
import { type Beginning, beginTransaction } from '../transactions/transactions.ts';
import { callbackPath } from './addresses.ts';
import { answerFailure } from './failed.ts';

/** Sends somebody to a provider. Each start leaves a row behind, so there are only so many from one address. */
export async function begin(
  core: Core,
  client: ProviderClient,
  { context, form }: Submission,
  beginning: Omit<Beginning, 'provider'>,
): Promise<Response> {
  const counted = askedFrom('provider-sign-ins', context);
  const started = await core.throttle({ context, counted, form, accountId: null }, async () => ({
    result: await go(core, client, { context, form }, beginning),
    verdict: ['provider-sign-ins'],
  }));
  if (started.allowed) return started.result;
  const now = core.clock();
  const [title] = messages.errors[429];
  const body = tooManyPage(title, (await tooManyNotice(started.refusal, now)).text);
  return core.pages.show(context, 429, { title, body }, tooManyHeaders(started.refusal, now));
}

async function go(
  core: Core,
  client: ProviderClient,
  { context }: Submission,
  beginning: Omit<Beginning, 'provider'>,
): Promise<Response> {
  const { provider } = client;
  const { state, keys } = await beginTransaction(core, context, { ...beginning, provider: provider.name });
  const redirectUri = new URL(callbackPath(provider), core.settings.baseUrl);
  const anew = beginning.intent === 'confirm';
  const url = await authorizationUrl(client, { state, keys, redirectUri, anew });
  if (!(url instanceof URL)) return answerFailure(core, context, provider, url, beginning);
  // A page and no redirect: the policy of our forms keeps browsers from following one to another site, and which sites a
  // provider sends people on to nobody knows beforehand.
  const words = messages.externalSignIn.going;
  const { label } = provider;
  const title = words.title(label);
  const body = goingPage({ title, lead: words.lead(label), link: words.link(label), url });
  return core.pages.show(context, 200, { title, body }, { refresh: `0; url=${url.href}` });
}
