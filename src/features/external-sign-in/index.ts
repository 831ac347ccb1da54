import type { Core } from '../../auth/core.ts';
import { defineFeature, type Route } from '../../auth/feature.ts';
import { messages } from '../../auth/pages/messages.ts';
import { paths } from '../../auth/paths.ts';
import { passwordsService } from '../passwords/index.ts';
import { nameRules } from '../registration/index.ts';
import { changeConnections, showConnections } from './connections/connections.ts';
import { changes, flashes } from './definitions.ts';
import { backChannelPath, callbackPath, confirmPath, startPath } from './flow/addresses.ts';
import { receiveAnswer, receiveForm } from './flow/callback.ts';
import { startConfirmation, startSignIn } from './flow/start.ts';
import { receiveLogout, tellsOfLogouts } from './logout/back-channel.ts';
import { externalMethod } from './method.ts';
import { showNewcomer, submitNewcomer } from './newcomers/form.ts';
import { newcomerPurpose } from './newcomers/newcomer.ts';
import { createNewcomers, type Newcomers } from './newcomers/newcomers.ts';
import type { ProviderClient } from './protocol/provider-client.ts';
import { externalSitesService } from './sites.ts';
import { expiringTransactions } from './store.ts';
import { bindToSession } from './vouched/session.ts';
import { expiringVouched } from './vouched/store.ts';

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
export {
  configuredProvidersService,
  externalSitesService,
  type SiteOptions,
  siteOptionsService,
} from './sites.ts';
export { type ProviderToken, ProviderUnavailableError } from './tokens/provider-token.ts';

/** Signing in with another site: OpenID Connect, and OAuth 2 where a site speaks no more. */
export const externalSignIn = defineFeature({
  name: 'external-sign-in',
  flashes,
  // Those of providers follow a pattern of names and are read apart.
  settings: {},
  tables: ['external_identities', 'external_sign_ins', 'external_tokens', 'external_transactions'],
  tokens: [newcomerPurpose],
  changes,
  needs: { sites: externalSitesService, passwords: passwordsService, names: nameRules },
  compose: (core, { sites, passwords, names }) => {
    const { clients } = sites;
    const newcomers = createNewcomers(core, names);
    const providers = clients.map(({ provider }) => provider);
    const form = { names, providers };
    const connections = { passwords, clients };
    const open = { access: 'public', limit: 'none' } as const;
    const fresh = { access: 'fresh', limit: 'none' } as const;
    return {
      signInMethods: [externalMethod(core, clients)],
      signInButtons: sites.ways,
      freshProofButtons: sites.proofsOf,
      accountPanels: sites.ways.length > 0 ? [connectionsPanel()] : [],
      personalData: sites.personalData,
      signInWitnesses: [bindToSession(core)],
      expiring: [expiringTransactions, expiringVouched],
      routes: [
        { method: 'GET', path: '/register/connected', ...open, handle: showNewcomer(core, form) },
        { method: 'POST', path: '/register/connected', ...open, handle: submitNewcomer(core, form) },
        { method: 'GET', path: '/account/connections', ...fresh, handle: showConnections(core, connections) },
        {
          method: 'POST',
          path: '/account/connections',
          ...fresh,
          handle: changeConnections(core, connections),
        },
        ...clients.flatMap((client) => routesOf(core, client, newcomers)),
        ...clients.filter(tellsOfLogouts).map((client) => backChannel(core, client)),
      ],
    };
  },
});

function connectionsPanel() {
  const { title, panel, see } = messages.externalSignIn.connections;
  return { position: 30, title, text: panel, link: { path: paths.connections, label: see } };
}

/** The addresses of one provider. */
function routesOf(core: Core, client: ProviderClient, newcomers: Newcomers): readonly Route[] {
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
      handle: receiveAnswer(core, client, newcomers),
    },
    {
      method: 'POST',
      path: callback,
      access: 'open',
      limit: 'none',
      changes: 'nothing',
      handle: receiveForm(core, client),
    },
    ...(provider.canReauthenticate ? [confirmation(core, client)] : []),
  ];
}

/** Only where the provider can be asked to authenticate its user again; another would prove nothing (A70). */
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

/** Where a provider says by itself that somebody has signed out there. */
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
