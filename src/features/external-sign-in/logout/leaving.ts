import { buildEndSessionUrl } from 'openid-client';
import type { Core } from '../../../auth/core.ts';
import { messages } from '../../../auth/pages/messages.ts';
import { paths } from '../../../auth/paths.ts';
import type { SignInMethod } from '../../../auth/sign-in-steps/sign-in-step.ts';
import { clearSiteData } from '../../../platform/web/headers.ts';
import { goingPage } from '../pages.ts';
import { failureFrom } from '../protocol/failure.ts';
import type { ProviderClient } from '../protocol/provider-client.ts';
import { vouchedOf } from '../vouched/store.ts';
import { openKept } from '../vouched/vouched.ts';

/**
 * Takes whoever signs out to the provider that their session began with, where the settings say so and the provider can
 * do it. Where it does not answer, people are signed out here all the same.
 * @see OpenID Connect RP-Initiated Logout 1.0 §2
 */
export function leaveBy(core: Core, clients: readonly ProviderClient[]): NonNullable<SignInMethod['leave']> {
  return async (context, session) => {
    const vouched = await vouchedOf(core.database.queries, session.id);
    const client = clients.find(({ provider }) => provider.name === vouched?.provider);
    if (vouched === null || client?.provider.hasRpInitiatedLogout !== true) return null;
    const { idToken } = openKept(core.providerSeal, vouched.id, vouched.kept);
    const url = await endSessionUrl(core, client, idToken);
    if (url === null) return null;
    const { label } = client.provider;
    const words = messages.externalSignIn.leaving;
    const body = goingPage({
      title: words.title(label),
      lead: words.lead(label),
      link: words.link(label),
      url,
    });
    const headers = { ...clearSiteData(core.settings.signOutClears), refresh: `0; url=${url.href}` };
    return () => core.pages.show(context, 200, { title: words.title(label), body }, headers);
  };
}

async function endSessionUrl(
  { settings }: Core,
  { provider, configuration }: ProviderClient,
  idToken: string | null,
): Promise<URL | null> {
  try {
    const known = await configuration();
    if (known.serverMetadata().end_session_endpoint === undefined) return null;
    const url = buildEndSessionUrl(known, {
      client_id: provider.client.id,
      post_logout_redirect_uri: new URL(paths.login, settings.baseUrl).href,
      ...(idToken !== null && { id_token_hint: idToken }),
    });
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : null;
  } catch (error) {
    // It throws what is a defect of ours.
    failureFrom(error);
    return null;
  }
}
