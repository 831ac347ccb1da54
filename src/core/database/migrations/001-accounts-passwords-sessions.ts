import type { Migration } from '../migration.ts';

// A name has at most 64 code points of 4 bytes; written the way it looks, one can become three.
const USERNAME_KEY_BYTES = 3 * 64 * 4;
const EMAIL_KEY_BYTES = 254;

export const accountsPasswordsSessions: Migration = {
  number: 1,
  name: 'accounts, passwords, sessions',
  oldNodes: 'may go on',
  up: async ({ schema }, columns) => {
    await schema
      .createTable('accounts')
      .ifNotExists()
      .addColumn('id', columns.id, (column) => column.primaryKey())
      .addColumn('username', columns.text(128), (column) => column.notNull())
      .addColumn('username_key', columns.key(USERNAME_KEY_BYTES), (column) => column.notNull().unique())
      .addColumn('email', columns.text(254))
      .addColumn('email_key', columns.key(EMAIL_KEY_BYTES), (column) => column.unique())
      .addColumn('email_verified_at', columns.time)
      .addColumn('created_at', columns.time, (column) => column.notNull())
      .addColumn('disabled_at', columns.time)
      .modifyEnd(columns.clusteredByKey)
      .execute();
    await schema
      .createTable('passwords')
      .ifNotExists()
      .addColumn('account_id', columns.id, (column) => column.primaryKey())
      .addColumn('hash', columns.text(255), (column) => column.notNull())
      .addColumn('changed_at', columns.time, (column) => column.notNull())
      .addForeignKeyConstraint('passwords_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .execute();
    await schema
      .createTable('sessions')
      .ifNotExists()
      .addColumn('id', columns.id, (column) => column.primaryKey())
      .addColumn('token_hash', columns.hash, (column) => column.notNull().unique())
      .addColumn('account_id', columns.id, (column) => column.notNull())
      .addColumn('method', columns.key(32), (column) => column.notNull())
      .addColumn('created_at', columns.time, (column) => column.notNull())
      .addColumn('last_seen_at', columns.time, (column) => column.notNull())
      .addColumn('expires_at', columns.time, (column) => column.notNull())
      .addForeignKeyConstraint('sessions_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .execute();
  },
  indexes: [{ name: 'sessions_account_id', table: 'sessions', column: 'account_id' }],
};
