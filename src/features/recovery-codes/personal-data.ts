import type { Database } from '../../auth/schema.ts';
import type { PersonalData } from '../../auth/slots.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import { codesOf } from './store.ts';

/** Which codes of a user are used. */
export function codeData({ queries }: Database): PersonalData {
  return {
    name: 'recoveryCodes',
    table: 'recovery_codes',
    leftOut: {
      code_hash: 'it is a hash of a code',
      factor_id: 'it only joins the code to its list, which secondFactors has',
      account_id: 'it is the id of the account',
    },
    read: async (accountId) =>
      (await codesOf(queries, accountId)).map(({ usedAt }) => ({ usedAt: isoTime(usedAt) })),
  };
}
