import type { Core } from '../../core/core.ts';
import type { OtherWay } from '../../core/pages/other-ways.ts';
import type { PersonalData } from '../../core/personal-data.ts';
import { confirmPath, startPath } from './flow/addresses.ts';
import { connectionData } from './personal-data.ts';
import {
  type ClientParts,
  createProviderClient,
  PROVIDER_TIMEOUT,
  type ProviderClient,
} from './protocol/provider-client.ts';
import type { Provider } from './providers/provider.ts';
import { identitiesOf } from './store.ts';

/** The other sites that people may sign in with, for every page that leads to them. */
export type ExternalSites = {
  readonly clients: readonly ProviderClient[];
  /** The buttons with which anybody signs in or makes an account. */
  readonly ways: readonly OtherWay[];
  /** The buttons with which the owner of an account proves anew who they are: connected sites that can do so. */
  readonly proofsOf: (accountId: string) => Promise<readonly OtherWay[]>;
  readonly personalData: PersonalData;
};

/** How they are called, where that is not as usual. */
export type SiteOptions = Partial<Pick<ClientParts, 'timeout' | 'resolve'>>;

export function externalSites(
  { database, clock, settings }: Core,
  providers: readonly Provider[],
  options: SiteOptions = {},
): ExternalSites {
  const parts = { timeout: PROVIDER_TIMEOUT, ...options, clock, baseUrl: settings.baseUrl };
  return {
    clients: providers.map((provider) => createProviderClient(provider, parts)),
    ways: providers.map((provider) => ({ path: startPath(provider), label: provider.label })),
    proofsOf: async (accountId) => {
      const connected = await identitiesOf(database.queries, accountId);
      const usable = providers.filter(
        ({ name, provesAnew }) => provesAnew && connected.some(({ provider }) => provider === name),
      );
      return usable.map((provider) => ({ path: confirmPath(provider), label: provider.label }));
    },
    personalData: connectionData(database),
  };
}
