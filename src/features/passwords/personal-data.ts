import type { PersonalData } from '../../auth/slots.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import type { Passwords } from './passwords.ts';

/** What is exported of a user's password: when it was set, how often a wrong one was entered since the last correct one,
 * when it was found among stolen ones, and when wrong ones disabled it. */
export function passwordData(
  passwords: Pick<Passwords, 'version' | 'foundBreachedAt' | 'failures'>,
): PersonalData {
  return {
    name: 'password',
    table: 'passwords',
    leftOut: {
      account_id: 'it is the id of the account',
      hash: 'a thief of the file could try passwords against it',
    },
    read: async (accountId) => {
      const { failures, disabledAt } = await passwords.failures(accountId);
      return {
        changedAt: isoTime(await passwords.version(accountId)),
        foundBreachedAt: isoTime(await passwords.foundBreachedAt(accountId)),
        consecutiveFailures: failures,
        disabledAt: isoTime(disabledAt),
      };
    },
  };
}
