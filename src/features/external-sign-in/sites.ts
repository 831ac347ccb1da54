import type { Core } from '../../auth/core.ts';
import { defineService } from '../../auth/feature.ts';
import type { SignInButton } from '../../auth/pages/sign-in-buttons.ts';
import type { PersonalData } from '../../auth/personal-data.ts';
import { SettingsError } from '../../platform/settings/read.ts';
import { confirmPath, startPath } from './flow/addresses.ts';
import { connectionData, vouchedData } from './personal-data.ts';
import {
  type ClientParts,
  createProviderClient,
  PROVIDER_TIMEOUT,
  type ProviderClient,
} from './protocol/provider-client.ts';
import { canAuthenticateAgain, type Provider } from './providers/provider.ts';
import { identitiesOf } from './store.ts';
import { createGetProviderToken, type GetProviderToken } from './tokens/provider-token.ts';

/** The other sites that people may sign in with, for every page that leads to them. */
export type ExternalSites = {
  readonly clients: readonly ProviderClient[];
  /** The buttons with which anybody signs in or makes an account. */
  readonly ways: readonly SignInButton[];
  /** The buttons with which the owner of an account proves anew who they are: connected sites that can do so. */
  readonly proofsOf: (accountId: string) => Promise<readonly SignInButton[]>;
  /** Gives an application a token for its own calls in the name of somebody. */
  readonly providerToken: GetProviderToken;
  readonly personalData: readonly PersonalData[];
};

/** How they are called, where that is not as usual, and those that an application brings itself. */
export type SiteOptions = Partial<Pick<ClientParts, 'timeout' | 'resolve'>> & {
  readonly providers?: readonly Provider[];
};

/** The providers of the settings; handed in, as their settings are read before anything is composed. */
export const configuredProvidersService = defineService<readonly Provider[]>({ create: () => [] });

/** How providers are called; handed in by tests and applications. */
export const siteOptionsService = defineService<SiteOptions>({ create: () => ({}) });

/** The providers with which users sign in. */
export const externalSitesService = defineService({
  needs: { providers: configuredProvidersService, options: siteOptionsService },
  create: (core, { providers, options }) => externalSites(core, providers, options),
});

/** @throws {SettingsError} when two have one name, or one has a name that cannot stand in an address */
function externalSites(
  core: Core,
  ofSettings: readonly Provider[],
  { providers: own = [], ...options }: SiteOptions,
): ExternalSites {
  const { database, clock, settings } = core;
  const providers = [...ofSettings, ...own];
  refuseStrangeNames(providers);
  const parts = { timeout: PROVIDER_TIMEOUT, ...options, clock, baseUrl: settings.baseUrl };
  const clients = providers.map((provider) => createProviderClient(provider, parts));
  return {
    clients,
    providerToken: createGetProviderToken(core, clients),
    ways: providers.map((provider) => ({ path: startPath(provider), label: provider.label })),
    proofsOf: async (accountId) => {
      const connected = await identitiesOf(database.queries, accountId);
      const usable = providers.filter(
        (known) => canAuthenticateAgain(known) && connected.some(({ provider }) => provider === known.name),
      );
      return usable.map((provider) => ({ path: confirmPath(provider), label: provider.label }));
    },
    personalData: [connectionData(database), vouchedData(database)],
  };
}

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const LONGEST_NAME = 32;

function refuseStrangeNames(providers: readonly Provider[]): void {
  const names = providers.map(({ name }) => name);
  const strange = names.filter(
    (name, position) => !NAME.test(name) || name.length > LONGEST_NAME || names.indexOf(name) !== position,
  );
  if (strange.length === 0) return;
  const message = 'is no name of its own; give small letters, digits and hyphens, and each provider another';
  throw new SettingsError(strange.map((name) => ({ name: 'providers', message: `"${name}" ${message}` })));
}
