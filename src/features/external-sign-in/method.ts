import type { Database } from '../../core/database/database.ts';
import type { SignInMethod } from '../../core/sign-in-steps/sign-in-step.ts';
import { deleteIdentitiesOf, hasIdentity } from './store.ts';

/** What another site proves for the gate: it counts as long as the account is connected with that identity. */
export function externalMethod({ queries }: Database): SignInMethod {
  return {
    name: 'external',
    stillHolds: (accountId, identityId) => hasIdentity(queries, accountId, identityId),
    forget: deleteIdentitiesOf,
  };
}
