import type { Core } from '../../auth/core.ts';
import type { SignInMethod } from '../../auth/required-steps/sign-in-step.ts';
import type { Queries } from '../../auth/schema.ts';
import { bytesToId, parseEmailAddress } from '../../platform/text/index.ts';
import type { ProviderClient } from './client/provider-client.ts';
import { rpInitiatedLogout } from './logout/rp-initiated.ts';
import { canAuthenticateAgain, labelOf, type Provider } from './providers/provider.ts';
import { findFederatedLogin } from './store/federated-logins.ts';
import { deleteIdentitiesOf, findIdentity, identitiesOf } from './store/identities.ts';

/**
 * Signing in with an identity provider. The proof holds as long as the identity is linked to the account and the provider
 * has not withdrawn the login.
 */
export function externalMethod(core: Core, clients: readonly ProviderClient[]): SignInMethod {
  const { queries } = core.database;
  const providers = clients.map(({ provider }) => provider);
  return {
    name: 'external',
    stillHolds: async (accountId, loginId) => {
      const login = await findFederatedLogin(queries, loginId);
      if (login === null) return false;
      return (await findIdentity(queries, login.issuer, login.subject))?.accountId === accountId;
    },
    proofOf: async (loginId) => {
      const at = (await findFederatedLogin(queries, loginId))?.authenticatedAt ?? null;
      return at === null ? null : { by: 'provider', at };
    },
    canBeAskedAgain: async (accountId) =>
      (await findReauthenticating(queries, providers, accountId)).length > 0,
    signOutRedirect: rpInitiatedLogout(core, clients),
    listLinkedCredentials: async ({ id, email, emailVerifiedAt }, on = queries) => {
      const address = email === null || emailVerifiedAt === null ? null : parseEmailAddress(email);
      const ownKey = address?.valid === true ? address.key : null;
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
  accountId: string,
): Promise<readonly Provider[]> {
  const linked = await identitiesOf(queries, accountId);
  return providers.filter(
    (known) => canAuthenticateAgain(known) && linked.some(({ provider }) => provider === known.name),
  );
}
