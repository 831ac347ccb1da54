import type { Core } from '../../auth/core.ts';
import { defineFeature, type Route } from '../../auth/feature.ts';
import { paths } from '../../auth/paths.ts';
import { nameRules } from '../registration/index.ts';
import { startConfirmation, startSignIn } from './authorization.ts';
import { hasBackChannelLogout, receiveLogout } from './back-channel-logout.ts';
import { receiveAnswer, receiveForm } from './callback.ts';
import type { ProviderClient } from './client/provider-client.ts';
import { changeConnections, connectionsPage } from './connections.ts';
import { bounds, changes, cookies, emails, events, flashes, limits, tables, tokens } from './definitions.ts';
import { bindToSession } from './federated-logins.ts';
import { identityProvidersService } from './identity-providers.ts';
import { createReceiveNewUser, type ReceiveNewUser } from './new-account.ts';
import { connectionsPanel } from './panel.ts';
import { backChannelPath, callbackPath, confirmPath, startPath } from './providers/provider.ts';
import { completeRegistration, newUserPage } from './register.ts';
import { externalMethod } from './sign-in-method.ts';
import { expiringAuthorizationRequests } from './store/authorization-requests.ts';
import { expiringFederatedLogins } from './store/federated-logins.ts';
import * as words from './words.ts';
import { redirectWords } from './words.ts';

export { CLOCK_TOLERANCE, PROOF_TOLERANCE } from './client/failure.ts';
export {
  type Examination,
  type ExaminationParts,
  examineProvider,
  redirectUri,
} from './examination/examine.ts';
export {
  configuredProvidersService,
  type IdentityProviderOptions,
  identityProviderOptionsService,
  identityProvidersService,
} from './identity-providers.ts';
export { type ProviderToken, ProviderUnavailableError } from './provider-token.ts';
export type { Claims } from './providers/claims.ts';
export {
  issuerSettings,
  namedSettings,
  providerPrefixes,
  providerSettings,
  readProviders,
} from './providers/configured.ts';
export { issuerDefinitions } from './providers/oidc-issuers.ts';
export type { Ask, OAuth, OpenIdConnect, Provider } from './providers/provider.ts';

/** Signing in with identity providers, by OpenID Connect or OAuth 2. */
export const externalSignIn = defineFeature({
  name: 'external-sign-in',
  words,
  bounds,
  methodLabels: { external: (words) => words(redirectWords).method },
  cookies,
  events,
  flashes,
  limits,
  // The settings of providers follow a pattern and are read by `readProviders`.
  tables,
  tablesNotCopied: { external_transactions: 'a user who is at a provider at this moment begins again' },
  emails,
  tokens,
  changes,
  pages: [connectionsPage, newUserPage],
  actions: [changeConnections, completeRegistration],
  needs: { identityProviders: identityProvidersService, names: nameRules },
  compose: (core, { identityProviders, names }) => {
    const { clients, signInButtons, confirmButtonsOf, personalData } = identityProviders;
    const receiveNewUser = createReceiveNewUser(core, names);
    return {
      signInMethods: [externalMethod(core, clients)],
      signInButtons,
      reauthenticationButtons: confirmButtonsOf,
      accountPanels: signInButtons.length > 0 ? [connectionsPanel(core)] : [],
      personalData,
      afterSignIn: [bindToSession(core)],
      expiring: [expiringAuthorizationRequests, expiringFederatedLogins],
      routes: [
        ...clients.flatMap((client) => routesOf(core, client, receiveNewUser)),
        ...clients.filter(hasBackChannelLogout).map((client) => backChannel(core, client)),
      ],
    };
  },
});

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
