import type { Core } from '../../auth/core.ts';
import type { SignInMethod } from '../../auth/sign-in-steps/sign-in-step.ts';
import { parseEmailAddress } from '../../platform/text/email-address.ts';
import { bytesToId } from '../../platform/text/uuid.ts';
import { leaveBy } from './logout/leaving.ts';
import type { ProviderClient } from './protocol/provider-client.ts';
import { canAuthenticateAgain, labelOf } from './providers/provider.ts';
import { deleteIdentitiesOf, findIdentity, identitiesOf } from './store.ts';
import { findVouched } from './vouched/store.ts';

/**
 * What another site proves for the gate: it counts as long as the account is connected with that identity, and the site
 * has not taken its word back.
 */
export function externalMethod(core: Core, clients: readonly ProviderClient[]): SignInMethod {
  const { queries } = core.database;
  const providers = clients.map(({ provider }) => provider);
  return {
    name: 'external',
    stillHolds: async (accountId, vouchedId) => {
      const vouched = await findVouched(queries, vouchedId);
      if (vouched === null) return false;
      return (await findIdentity(queries, vouched.issuer, vouched.subject))?.accountId === accountId;
    },
    proofOf: async (vouchedId) => {
      const at = (await findVouched(queries, vouchedId))?.authenticatedAt ?? null;
      return at === null ? null : { by: 'provider', at };
    },
    canBeAskedAgain: async (accountId) => {
      const connected = await identitiesOf(queries, accountId);
      return providers.some(
        (known) => canAuthenticateAgain(known) && connected.some(({ provider }) => provider === known.name),
      );
    },
    leave: leaveBy(core, clients),
    addedWaysOf: async ({ id, email, emailVerifiedAt }, on = queries) => {
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
    forget: deleteIdentitiesOf,
  };
}
