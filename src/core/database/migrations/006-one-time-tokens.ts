import type { Migration } from '../migration.ts';

/** The most that is kept of what a token is about, in characters. */
const DATA_CHARACTERS = 1_000;

export const oneTimeTokens: Migration = {
  number: 6,
  name: 'one-time tokens',
  oldNodes: 'may go on',
  up: async ({ schema }, columns) => {
    await schema
      .createTable('one_time_tokens')
      .ifNotExists()
      .addColumn('token_hash', columns.hash, (column) => column.primaryKey())
      .addColumn('purpose', columns.key(32), (column) => column.notNull())
      .addColumn('account_id', columns.id)
      .addColumn('data', columns.text(DATA_CHARACTERS), (column) => column.notNull())
      .addColumn('issued_at', columns.time, (column) => column.notNull())
      .addColumn('expires_at', columns.time, (column) => column.notNull())
      .addForeignKeyConstraint('one_time_tokens_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .execute();
  },
  indexes: [
    { name: 'one_time_tokens_account_id', table: 'one_time_tokens', column: 'account_id' },
    { name: 'one_time_tokens_expires_at', table: 'one_time_tokens', column: 'expires_at' },
  ],
};
