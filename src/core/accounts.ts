import type { Database } from './database/database.ts';
import type { Queries } from './database/schema.ts';
import type { EmailAddress } from './identifiers/email-address.ts';
import { emailKey } from './identifiers/email-address.ts';
import type { Username } from './identifiers/username.ts';
import { usernameKey } from './identifiers/username.ts';
import { bytesToId, idToBytes, newId } from './identifiers/uuid.ts';

export type NewAccount = { readonly username: Username; readonly email: EmailAddress | null };

export type AccountCreation =
  | { readonly created: true; readonly accountId: string }
  | { readonly created: false; readonly taken: 'username' | 'email' };

/** Accounts: who there is. How somebody proves to be one of them is the features' business. */
export type Accounts = ReturnType<typeof createAccounts>;

export function createAccounts(database: Database) {
  const { queries } = database;
  const findByUsername = idLookUp(database, 'username_key');
  const findByEmail = idLookUp(database, 'email_key');
  return {
    /**
     * Makes an account and, in the same transaction, what `credentials` adds to it. Of several at once with one
     * name or address, the unique index lets exactly one through.
     * @param now milliseconds of UTC
     */
    create: async (
      account: NewAccount,
      now: number,
      credentials: (transaction: Queries, accountId: string) => Promise<void>,
    ): Promise<AccountCreation> => {
      const accountId = newId(now);
      try {
        await database.transaction(async (transaction) => {
          await insertAccount(transaction, accountId, account, now);
          await credentials(transaction, accountId);
        });
        return { created: true, accountId };
      } catch (error) {
        if (!database.isUniqueViolation(error)) throw error;
        return { created: false, taken: await takenField(queries, account) };
      }
    },

    /** The id of the account that a person means by a username or an email address, or null. */
    find: async (usernameOrEmail: string): Promise<string | null> => {
      const isEmail = usernameOrEmail.includes('@') || usernameOrEmail.includes('＠');
      const key = isEmail ? emailKey(usernameOrEmail) : usernameKey(usernameOrEmail);
      if (key === null) return null;
      const row = await (isEmail ? findByEmail(key) : findByUsername(key));
      return row === undefined ? null : bytesToId(row.id);
    },

    /** Disables an account; returns whether it was enabled until now. Its sessions are refused at once. */
    disable: async (accountId: string, now: number): Promise<boolean> => {
      const result = await queries
        .updateTable('accounts')
        .set({ disabled_at: now })
        .where('id', '=', idToBytes(accountId))
        .where('disabled_at', 'is', null)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },
  };
}

function idLookUp({ queries, lookUp }: Database, column: 'username_key' | 'email_key') {
  const placeholder = '';
  return lookUp(queries.selectFrom('accounts').select('id').where(column, '=', placeholder).compile());
}

async function insertAccount(transaction: Queries, accountId: string, account: NewAccount, now: number) {
  await transaction
    .insertInto('accounts')
    .values({
      id: idToBytes(accountId),
      username: account.username.username,
      username_key: account.username.key,
      email: account.email?.address ?? null,
      email_key: account.email?.key ?? null,
      email_verified_at: null,
      created_at: now,
      disabled_at: null,
    })
    .execute();
}

async function takenField(queries: Queries, account: NewAccount): Promise<'username' | 'email'> {
  if (account.email === null) return 'username';
  const row = await queries
    .selectFrom('accounts')
    .select('id')
    .where('username_key', '=', account.username.key)
    .executeTakeFirst();
  return row === undefined ? 'email' : 'username';
}
