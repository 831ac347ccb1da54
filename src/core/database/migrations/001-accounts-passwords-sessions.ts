import type { Migration } from '../migration.ts';

export const accountsPasswordsSessions: Migration = {
  number: 1,
  name: 'accounts, passwords, sessions',
  up: async (transaction, columns) => {
    await transaction.schema
      .createTable('accounts')
      .addColumn('id', columns.id, (column) => column.primaryKey())
      .addColumn('username', columns.text(128), (column) => column.notNull())
      .addColumn('username_key', columns.key(256), (column) => column.notNull().unique())
      .addColumn('email', columns.text(254))
      .addColumn('email_key', columns.key(254), (column) => column.unique())
      .addColumn('email_verified_at', columns.time)
      .addColumn('created_at', columns.time, (column) => column.notNull())
      .addColumn('disabled_at', columns.time)
      .execute();
    await transaction.schema
      .createTable('passwords')
      .addColumn('account_id', columns.id, (column) =>
        column.primaryKey().references('accounts.id').onDelete('cascade'),
      )
      .addColumn('hash', columns.text(255), (column) => column.notNull())
      .addColumn('changed_at', columns.time, (column) => column.notNull())
      .execute();
    await transaction.schema
      .createTable('sessions')
      .addColumn('id', columns.id, (column) => column.primaryKey())
      .addColumn('token_hash', columns.hash, (column) => column.notNull().unique())
      .addColumn('account_id', columns.id, (column) =>
        column.notNull().references('accounts.id').onDelete('cascade'),
      )
      .addColumn('method', columns.key(32), (column) => column.notNull())
      .addColumn('created_at', columns.time, (column) => column.notNull())
      .addColumn('last_seen_at', columns.time, (column) => column.notNull())
      .addColumn('expires_at', columns.time, (column) => column.notNull())
      .execute();
    await transaction.schema.createIndex('sessions_account_id').on('sessions').column('account_id').execute();
  },
};
