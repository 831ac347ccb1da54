import type { Database } from '../../auth/schema.ts';
import type { PersonalData } from '../../auth/slots.ts';
import { secretOf } from './store.ts';

/** That a user has an authenticator app; when it was added and used is with the second factors. */
export function secretData({ queries }: Database): PersonalData {
  return {
    name: 'authenticatorApp',
    table: 'totp_secrets',
    leftOut: {
      factor_id: 'it only joins the secret to its row in secondFactors',
      account_id: 'it is the id of the account',
      sealed: 'it is the secret, which the app has',
      last_step: 'it is when a code was used last, which secondFactors has',
    },
    read: async (accountId) => {
      const stored = await secretOf(queries, accountId);
      return stored === null ? null : { consecutiveFailures: stored.failures };
    },
  };
}
