import type { Database } from '../../auth/schema.ts';
import type { PersonalData } from '../../auth/slots.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import { passkeysOf } from './store.ts';

/** The passkeys of a user. Their private keys are with the authenticators, and public keys say nothing. */
export function passkeyData({ queries }: Database): PersonalData {
  return {
    name: 'passkeys',
    table: 'passkeys',
    leftOut: {
      id: 'it is only for this site’s own references',
      factor_id: 'it only joins the passkey to its row in secondFactors',
      account_id: 'it is the id of the account',
      credential_hash: 'it is made of the credential id',
      public_key: 'it says nothing about the user',
      counter: 'it only protects against copies of the authenticator',
      transports: 'they are hints for browsers',
      aaguid: 'it is the model of the authenticator, by which the passkey got its first name',
      is_backed_up: 'it says the same as isSynced at the last use',
    },
    read: async (accountId) =>
      (await passkeysOf(queries, accountId)).map((passkey) => ({
        credentialId: passkey.credentialId,
        name: passkey.name,
        isSynced: passkey.isSynced,
        addedAt: isoTime(passkey.addedAt),
        lastUsedAt: isoTime(passkey.lastUsedAt),
      })),
  };
}
