import { idToBytes } from '../../platform/text/index.ts';
import { accountNameKey } from '../identifiers/account-name.ts';
import { type AccountId, accountIds } from '../identifiers/ids.ts';
import type { Database, Queries } from '../schema.ts';
import type { Account, AccountCreation, NewAccount } from './account.ts';
import {
  accountFrom,
  accountLookUp,
  changeEmail,
  confirmEmail,
  confirmedEmailLookUp,
  forgettingLookUp,
  giveUpUnconfirmedEmail,
  idLookUp,
  insertAccount,
  lockAccount,
  selectAccounts,
  takenField,
} from './store.ts';

export type { Account, AccountCreation, NewAccount } from './account.ts';

/** Accounts. How a user proves to own one is decided by the features. */
export type Accounts = ReturnType<typeof createAccounts>;

type Credentials = (transaction: Queries, accountId: AccountId) => Promise<void>;

export function createAccounts(database: Database) {
  const findByUsername = idLookUp(database, 'username_key');
  const findByEmail = idLookUp(database, 'email_key');
  const findByConfirmedEmail = confirmedEmailLookUp(database);
  const findForgetting = forgettingLookUp(database);
  const findAccount = accountLookUp(database);
  return {
    /**
     * Creates an account and, in the same transaction, its credentials. Of several at once with one name or address, the
     * unique index accepts exactly one.
     * @param now milliseconds of UTC
     */
    create: (account: NewAccount, now: number, credentials: Credentials): Promise<AccountCreation> =>
      create(database, account, now, credentials),

    /** The id of the account with a username or an email address, or null. */
    find: (usernameOrEmail: string): Promise<AccountId | null> =>
      findId(usernameOrEmail, findByUsername, findByEmail),

    /**
     * The same for a sign-in where addresses have to be confirmed: an unconfirmed address leads to no account. An account
     * that was registered with another account's address never has it, so that both must behave the same (A67).
     */
    findByConfirmed: (usernameOrEmail: string): Promise<AccountId | null> =>
      findId(usernameOrEmail, findByUsername, findByConfirmedEmail),

    lock: lockAccount,

    confirmEmail,
    changeEmail,
    giveUpUnconfirmedEmail,

    /** When the browsers that an account knew were forgotten, in milliseconds of UTC; 0 for never. */
    devicesForgottenAt: async (accountId: AccountId): Promise<number> => {
      const row = await findForgetting(idToBytes(accountId));
      return row?.devices_forgotten_at ?? 0;
    },

    /** An account by its id, or null. @param on perhaps a transaction that it is part of */
    read: async (accountId: AccountId, on: Queries | null = null): Promise<Account | null> => {
      const id = idToBytes(accountId);
      const row = await (on === null
        ? findAccount(id)
        : selectAccounts(on).where('id', '=', id).executeTakeFirst());
      return row === undefined ? null : accountFrom(row);
    },
  };
}

type IdLookUp = ReturnType<typeof idLookUp>;

async function findId(
  usernameOrEmail: string,
  findByUsername: IdLookUp,
  findByEmail: IdLookUp,
): Promise<AccountId | null> {
  const name = accountNameKey(usernameOrEmail);
  if (name === null) return null;
  const row = await (name.kind === 'email' ? findByEmail : findByUsername)(name.key);
  return row === undefined ? null : accountIds.fromBytes(row.id);
}

async function create(
  database: Database,
  account: NewAccount,
  now: number,
  credentials: Credentials,
): Promise<AccountCreation> {
  const accountId = account.id ?? accountIds.create(now);
  try {
    await database.transaction(async (transaction) => {
      await insertAccount(transaction, accountId, account, now);
      await credentials(transaction, accountId);
    });
    return { ok: true, accountId };
  } catch (error) {
    if (!database.isUniqueViolation(error)) throw error;
    return { ok: false, reason: await takenField(database.queries, account) };
  }
}
