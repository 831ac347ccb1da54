import type { Database } from '../../core/database/database.ts';
import type { OtherWay } from '../../core/pages/other-ways.ts';
import { confirmPath, startPath } from './flow/addresses.ts';
import type { Provider } from './providers/provider.ts';
import { identitiesOf } from './store.ts';

/** The buttons with which anybody signs in or makes an account. */
export function waysIn(providers: readonly Provider[]): readonly OtherWay[] {
  return providers.map((provider) => ({ path: startPath(provider), label: provider.label }));
}

/** The buttons with which the owner of an account proves anew who they are: the sites it is connected with that can do so. */
export function proofsOf({ queries }: Database, providers: readonly Provider[]) {
  return async (accountId: string): Promise<readonly OtherWay[]> => {
    const connected = await identitiesOf(queries, accountId);
    const usable = providers.filter(
      ({ name, provesAnew }) => provesAnew && connected.some(({ provider }) => provider === name),
    );
    return usable.map((provider) => ({ path: confirmPath(provider), label: provider.label }));
  };
}
