import type { Core } from '../../auth/core.ts';
import type { ChangeNotice } from '../../auth/credential-change.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { paths } from '../../auth/paths.ts';
import { emails } from './definitions.ts';

/** The notice that the password was changed, with the other sign-in methods of the account and those that were removed with the old password. */
export function passwordChangedNotice(
  { accounts, linkedCredentials }: Core,
  accountId: AccountId,
): ChangeNotice {
  return async ({ username }, { transaction, disconnected }) => {
    const account = await accounts.read(accountId, transaction);
    const others = account === null ? [] : await linkedCredentials.list(account, transaction);
    const otherWays = [...new Set(others.map(({ label }) => label))];
    const page = paths.forgotPassword;
    return emails.passwordChanged.with({ username, page, otherWays, disconnected });
  };
}
