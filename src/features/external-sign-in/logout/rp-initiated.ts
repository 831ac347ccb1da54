import { buildEndSessionUrl } from 'openid-client';
import type { Core } from '../../../auth/core.ts';
import { paths } from '../../../auth/paths.ts';
import type { SignInMethod } from '../../../auth/required-steps/sign-in-step.ts';
import { clearSiteData } from '../../../platform/web/headers.ts';
import { failureFrom } from '../client/failure.ts';
import type { ProviderClient } from '../client/provider-client.ts';
import { openRetained } from '../flow/federated-login.ts';
import { redirectPage } from '../pages.ts';
import { findLoginOfSession } from '../store/federated-logins.ts';
import { externalSignInWords } from '../words.ts';

/**
 * Redirects a user who signs out to the provider of the session, if the operator's policy says so. If the provider is
 * unavailable or has no end-session endpoint, the user is signed out here only.
 * @see OpenID Connect RP-Initiated Logout 1.0 §2
 */
export function rpInitiatedLogout(
  core: Core,
  clients: readonly ProviderClient[],
): NonNullable<SignInMethod['signOutRedirect']> {
  return async (context, session) => {
    const login = await findLoginOfSession(core.database.queries, session.id);
    const client = clients.find(({ provider }) => provider.name === login?.provider);
    if (login === null || client?.provider.hasRpInitiatedLogout !== true) return null;
    const { idToken } = openRetained(core.providerSeal, login.id, login.kept);
    const url = await endSessionUrl(core, client, idToken);
    if (url === null) return null;
    const { page, headers } = redirectPage(externalSignInWords.leaving, client.provider.label, url);
    const cleared = clearSiteData(core.settings.signOutClears);
    return () => core.pages.show(context, 200, page, { ...cleared, ...headers });
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
    // It throws defects of this program again.
    failureFrom(error);
    return null;
  }
}
