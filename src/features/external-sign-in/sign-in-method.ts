import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { paths } from '../../auth/paths.ts';
import type { SignInMethod } from '../../auth/required-steps/sign-in-step.ts';
import type { Queries } from '../../auth/schema.ts';
import { bytesToId, parseEmailAddress } from '../../platform/text/index.ts';
import { clearSiteData } from '../../platform/web/index.ts';
import { failureFrom } from './client/failure.ts';
import type { ProviderClient } from './client/provider-client.ts';
import { federatedLoginIds } from './federated-login-id.ts';
import { openRetained } from './federated-logins.ts';
import { redirectPage } from './pages.ts';
import { canAuthenticateAgain, labelOf, type Provider } from './providers/provider.ts';
import { findFederatedLogin, findLoginOfSession } from './store/federated-logins.ts';
import { deleteIdentitiesOf, findIdentity, identitiesOf } from './store/identities.ts';
import { redirectWords } from './words.ts';

/**
 * Signing in with an identity provider. The proof holds as long as the identity is linked to the account and the provider
 * has not withdrawn the login.
 */
export function externalMethod(core: Core, clients: readonly ProviderClient[]): SignInMethod {
  const { queries } = core.database;
  const providers = clients.map(({ provider }) => provider);
  const loginOf = async (credential: string) => {
    const id = federatedLoginIds.parse(credential);
    return id === null ? null : findFederatedLogin(queries, id);
  };
  return {
    name: 'external',
    stillHolds: async (accountId, credential) => {
      const login = await loginOf(credential);
      if (login === null) return false;
      return (await findIdentity(queries, login.issuer, login.subject))?.accountId === accountId;
    },
    proofOf: async (credential) => {
      const at = (await loginOf(credential))?.authenticatedAt ?? null;
      return at === null ? null : { by: 'provider', at };
    },
    canBeAskedAgain: async (accountId) =>
      (await findReauthenticating(queries, providers, accountId)).length > 0,
    signOutRedirect: rpInitiatedLogout(core, clients),
    listLinkedCredentials: async ({ id, email, emailVerifiedAt }, on = queries) => {
      const address = email === null || emailVerifiedAt === null ? null : parseEmailAddress(email);
      const ownKey = address?.ok === true ? address.key : null;
      return (await identitiesOf(on, id)).map((row) => ({
        id: bytesToId(row.id),
        label: labelOf(providers, row.provider),
        handle: row.handle,
        addedAt: row.created_at,
        lastUsedAt: row.last_used_at,
        provesAddress: ownKey !== null && row.verified_email_key === ownKey,
      }));
    },
    removeLinkedCredentials: deleteIdentitiesOf,
  };
}

/** The providers of an account that can authenticate the user again. */
export async function findReauthenticating(
  queries: Queries,
  providers: readonly Provider[],
  accountId: AccountId,
): Promise<readonly Provider[]> {
  const linked = await identitiesOf(queries, accountId);
  return providers.filter(
    (known) => canAuthenticateAgain(known) && linked.some(({ provider }) => provider === known.name),
  );
}

/**
 * Redirects a user who signs out to the provider of the session, if the operator's policy says so. If the provider is
 * unavailable or has no end-session endpoint, the user is signed out here only.
 * @see OpenID Connect RP-Initiated Logout 1.0 §2
 */
function rpInitiatedLogout(
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
    const { page, headers } = redirectPage(context.words(redirectWords).signOut, client.provider.label, url);
    const cleared = clearSiteData(core.settings.signOutClears);
    return { url, draw: () => core.pages.show(context, 200, page, { ...cleared, ...headers }) };
  };
}

async function endSessionUrl(
  { locations }: Core,
  { provider, configuration }: ProviderClient,
  idToken: string | null,
): Promise<URL | null> {
  try {
    const { buildEndSessionUrl } = await import('openid-client');
    const known = await configuration();
    if (known.serverMetadata().end_session_endpoint === undefined) return null;
    const url = buildEndSessionUrl(known, {
      client_id: provider.client.id,
      post_logout_redirect_uri: locations.url(paths.login).href,
      ...(idToken !== null && { id_token_hint: idToken }),
    });
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : null;
  } catch (error) {
    // It throws the error itself if that is a defect of this program.
    await failureFrom(error);
    return null;
  }
}
