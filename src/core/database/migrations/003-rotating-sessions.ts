import type { Migration } from '../migration.ts';

/** The most that is kept of what a browser calls itself, and of the address it comes from, in characters. */
const USER_AGENT_CHARACTERS = 400;
const ADDRESS_CHARACTERS = 64;

// The token of a session now names its row, which the tokens given out before do not: everybody signs in again.
export const rotatingSessions: Migration = {
  number: 3,
  name: 'rotating sessions',
  oldNodes: 'must be stopped first',
  up: async ({ schema }, columns) => {
    await schema.dropTable('sessions').ifExists().execute();
    await schema
      .createTable('sessions')
      .ifNotExists()
      .addColumn('id', columns.id, (column) => column.primaryKey())
      .addColumn('token_hash', columns.hash, (column) => column.notNull())
      .addColumn('token_issued_at', columns.time, (column) => column.notNull())
      .addColumn('previous_token_hash', columns.hash)
      .addColumn('previous_issued_at', columns.time)
      .addColumn('previous_until', columns.time)
      .addColumn('successor_salt', columns.id)
      .addColumn('account_id', columns.id, (column) => column.notNull())
      .addColumn('method', columns.key(32), (column) => column.notNull())
      .addColumn('is_remembered', columns.number, (column) => column.notNull())
      .addColumn('proven_at', columns.time, (column) => column.notNull())
      .addColumn('created_at', columns.time, (column) => column.notNull())
      .addColumn('last_seen_at', columns.time, (column) => column.notNull())
      .addColumn('expires_at', columns.time, (column) => column.notNull())
      .addColumn('stolen_at', columns.time)
      .addColumn('user_agent', columns.text(USER_AGENT_CHARACTERS), (column) => column.notNull())
      .addColumn('address', columns.text(ADDRESS_CHARACTERS), (column) => column.notNull())
      .addForeignKeyConstraint('sessions_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(columns.clusteredByKey)
      .execute();
  },
  indexes: [
    { name: 'sessions_account_id', table: 'sessions', column: 'account_id' },
    { name: 'sessions_expires_at', table: 'sessions', column: 'expires_at' },
  ],
};
