import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { paths } from '../../auth/paths.ts';
import type { SignInMethod } from '../../auth/required-steps/sign-in-step.ts';
import type { Queries } from '../../auth/schema.ts';
import { bytesToId, parseEmailAddress } from '../../platform/text/index.ts';
import { clearSiteData, originOf } from '../../platform/web/index.ts';
import { type Failure, failureFrom } from './client/failure.ts';
import type { ProviderClient } from './client/provider-client.ts';
import { EXTERNAL, events, flashes } from './definitions.ts';
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
    name: EXTERNAL,
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
 * unavailable or has no end-session endpoint, the user is signed out here only, and a message says so.
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
    const { name: provider, label } = client.provider;
    const url = await endSessionUrl(core, client, idToken);
    if (!(url instanceof URL)) {
      core.announce(events.providerSignOutFailed, { provider, code: url }, originOf(context));
      return { url: null, flash: flashes.signedOutHereOnly };
    }
    const page = redirectPage(context.words(redirectWords).signOut, label, url);
    const cleared = clearSiteData(core.settings.signOutClears);
    return { url, draw: () => core.pages.show(context, 200, page, cleared) };
  };
}

/**
 * The longest query that servers take in front of providers, in characters: IIS and its proxies refuse more than 2048.
 * @see https://learn.microsoft.com/iis/configuration/system.webserver/security/requestfiltering/requestlimits/
 */
const MAX_QUERY = 2_000;

const UNEXPECTED: Failure = { reason: 'invalid', code: 'unexpected-error' };

/** @returns a code for the log if the provider takes no part */
async function endSessionUrl(
  { locations }: Core,
  { provider, configuration }: ProviderClient,
  idToken: string | null,
): Promise<URL | string> {
  try {
    const { buildEndSessionUrl } = await import('openid-client');
    const known = await configuration();
    if (known.serverMetadata().end_session_endpoint === undefined) return 'no-end-session-endpoint';
    const parameters = {
      client_id: provider.client.id,
      post_logout_redirect_uri: locations.url(paths.login).href,
    };
    const hinted = buildEndSessionUrl(known, {
      ...parameters,
      ...(idToken !== null && { id_token_hint: idToken }),
    });
    // Without the hint, the client id names who asks; it may ask the user to confirm.
    const url = hinted.search.length > MAX_QUERY ? buildEndSessionUrl(known, parameters) : hinted;
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : 'no-page-to-sign-out';
  } catch (error) {
    // Whatever it is, signing out here goes on.
    const { reason, code } = await failureFrom(error).catch((): Failure => UNEXPECTED);
    return code ?? reason;
  }
}
