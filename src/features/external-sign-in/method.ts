import type { Database } from '../../core/database/database.ts';
import type { SignInMethod } from '../../core/sign-in-steps/sign-in-step.ts';
import { labelOf, type Provider } from './providers/provider.ts';
import { deleteIdentitiesOf, hasIdentity, identitiesOf } from './store.ts';

/** What another site proves for the gate: it counts as long as the account is connected with that identity. */
export function externalMethod({ queries }: Database, providers: readonly Provider[]): SignInMethod {
  return {
    name: 'external',
    stillHolds: (accountId, identityId) => hasIdentity(queries, accountId, identityId),
    labelsOf: async (accountId) =>
      (await identitiesOf(queries, accountId)).map((row) => labelOf(providers, row.provider)),
    forget: deleteIdentitiesOf,
  };
}
