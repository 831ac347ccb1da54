import type { Migration } from '../migration.ts';

/** The most that is kept of where somebody wants to go, and of what a proof named and told, in characters. */
const NEXT_PATH_CHARACTERS = 2_000;
const CREDENTIAL_BYTES = 255;
const FACTS_CHARACTERS = 1_000;

// A node that does not know the table asks for no further step, as it did until now.
export const pendingSignIns: Migration = {
  number: 9,
  name: 'pending sign-ins',
  oldNodes: 'may go on',
  up: async ({ schema }, columns) => {
    await schema
      .createTable('pending_sign_ins')
      .ifNotExists()
      .addColumn('token_hash', columns.hash, (column) => column.primaryKey())
      .addColumn('account_id', columns.id, (column) => column.notNull())
      .addColumn('method', columns.key(32), (column) => column.notNull())
      .addColumn('credential', columns.key(CREDENTIAL_BYTES), (column) => column.notNull())
      .addColumn('is_remembered', columns.number, (column) => column.notNull())
      .addColumn('next_path', columns.text(NEXT_PATH_CHARACTERS))
      .addColumn('facts', columns.text(FACTS_CHARACTERS), (column) => column.notNull())
      .addColumn('created_at', columns.time, (column) => column.notNull())
      .addColumn('expires_at', columns.time, (column) => column.notNull())
      .addForeignKeyConstraint('pending_sign_ins_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(columns.clusteredByKey)
      .execute();
  },
  indexes: [
    { name: 'pending_sign_ins_account_id', table: 'pending_sign_ins', column: 'account_id' },
    { name: 'pending_sign_ins_expires_at', table: 'pending_sign_ins', column: 'expires_at' },
  ],
};
