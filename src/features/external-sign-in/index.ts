import type { Core } from '../../auth/core.ts';
import { defineFeature, type Route } from '../../auth/feature.ts';
import { paths } from '../../auth/paths.ts';
import { passwordsService } from '../passwords/index.ts';
import { nameRules } from '../registration/index.ts';
import type { ProviderClient } from './client/provider-client.ts';
import { changeConnections, showConnections } from './connections/connections.ts';
import { changes, cookies, emails, events, flashes, limits, tokens } from './definitions.ts';
import { startConfirmation, startSignIn } from './flow/begin.ts';
import { receiveAnswer, receiveForm } from './flow/callback.ts';
import { bindToSession } from './flow/federated-login.ts';
import { identityProvidersService } from './identity-providers.ts';
import { hasBackChannelLogout, receiveLogout } from './logout/back-channel.ts';
import { backChannelPath, callbackPath, confirmPath, startPath } from './paths.ts';
import { showRegistration, submitRegistration } from './registration/form.ts';
import { createReceiveNewUser, type ReceiveNewUser } from './registration/new-user.ts';
import { externalMethod } from './sign-in-method.ts';
import { expiringAuthorizationRequests } from './store/authorization-requests.ts';
import { expiringFederatedLogins } from './store/federated-logins.ts';
import { externalSignInWords } from './words.ts';

export {
  configuredProvidersService,
  type IdentityProviderOptions,
  identityProviderOptionsService,
  identityProvidersService,
} from './identity-providers.ts';
export type { Claims } from './providers/claims.ts';
export {
  issuerSettings,
  type ProviderOption,
  providerPrefixes,
  providerSettings,
  readProviders,
} from './providers/configured.ts';
export { issuerDefinitions, issuerSettingNames } from './providers/oidc-issuers.ts';
export type { Ask, ClientKey, OAuth, OpenIdConnect, Provider } from './providers/provider.ts';
export { type ProviderToken, ProviderUnavailableError } from './tokens/provider-token.ts';

/** Signing in with identity providers, by OpenID Connect or OAuth 2. */
export const externalSignIn = defineFeature({
  name: 'external-sign-in',
  cookies,
  events,
  flashes,
  limits,
  // The settings of providers follow a pattern and are read by `readProviders`.
  settings: {},
  tables: ['external_identities', 'external_sign_ins', 'external_tokens', 'external_transactions'],
  emails,
  tokens,
  changes,
  needs: { identityProviders: identityProvidersService, passwords: passwordsService, names: nameRules },
  compose: (core, { identityProviders, passwords, names }) => {
    const { clients, signInButtons, confirmButtonsOf, personalData } = identityProviders;
    const receiveNewUser = createReceiveNewUser(core, names);
    const providers = clients.map(({ provider }) => provider);
    const form = { names, providers };
    const connections = { passwords, clients };
    const open = { access: 'public', limit: 'none' } as const;
    const fresh = { access: 'fresh', limit: 'none' } as const;
    return {
      signInMethods: [externalMethod(core, clients)],
      signInButtons,
      freshProofButtons: confirmButtonsOf,
      accountPanels: signInButtons.length > 0 ? [connectionsPanel()] : [],
      personalData,
      afterSignIn: [bindToSession(core)],
      expiring: [expiringAuthorizationRequests, expiringFederatedLogins],
      routes: [
        { method: 'GET', path: '/register/connected', ...open, handle: showRegistration(core, form) },
        { method: 'POST', path: '/register/connected', ...open, handle: submitRegistration(core, form) },
        { method: 'GET', path: '/account/connections', ...fresh, handle: showConnections(core, connections) },
        {
          method: 'POST',
          path: '/account/connections',
          ...fresh,
          handle: changeConnections(core, connections),
        },
        ...clients.flatMap((client) => routesOf(core, client, receiveNewUser)),
        ...clients.filter(hasBackChannelLogout).map((client) => backChannel(core, client)),
      ],
    };
  },
});

function connectionsPanel() {
  const { title, panel: text, see: link } = externalSignInWords.connections;
  return { position: 30, path: paths.connections, content: () => ({ title, text, link }) };
}

/** The routes of one provider. */
function routesOf(core: Core, client: ProviderClient, receiveNewUser: ReceiveNewUser): readonly Route[] {
  const { provider } = client;
  const callback = callbackPath(provider);
  return [
    {
      method: 'POST',
      path: startPath(provider),
      access: 'public',
      limit: 'none',
      page: paths.login,
      handle: startSignIn(core, client),
    },
    {
      method: 'GET',
      path: callback,
      access: 'public',
      limit: 'none',
      handle: receiveAnswer(core, client, receiveNewUser),
    },
    {
      method: 'POST',
      path: callback,
      access: 'open',
      limit: 'none',
      changes: 'nothing',
      handle: receiveForm(core, client),
    },
    ...(provider.canReauthenticate === true ? [confirmation(core, client)] : []),
  ];
}

/** Only for a provider that can authenticate its user again; another would prove nothing (A70). */
function confirmation(core: Core, client: ProviderClient): Route {
  return {
    method: 'POST',
    path: confirmPath(client.provider),
    access: 'signed-in',
    limit: 'none',
    page: paths.confirm,
    handle: startConfirmation(core, client),
  };
}

/** Where a provider reports that a user has signed out there. */
function backChannel(core: Core, client: ProviderClient): Route {
  return {
    method: 'POST',
    path: backChannelPath(client.provider),
    access: 'open',
    limit: 'none',
    changes: 'what-is-signed',
    handle: receiveLogout(core, client),
  };
}
