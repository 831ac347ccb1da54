import type { Migration } from '../migration.ts';

const PROVIDER_BYTES = 32;
const ISSUER_BYTES = 255;
/** OpenID Connect Core 1.0 §2: a subject has at most 255 ASCII characters. */
const SUBJECT_BYTES = 255;
const HANDLE_CHARACTERS = 254;
const NEXT_PATH_CHARACTERS = 2_000;

// A node that does not know the tables lets nobody in by way of another site, as it did until now.
export const externalIdentities: Migration = {
  number: 11,
  name: 'external identities',
  oldNodes: 'may go on',
  up: async ({ schema }, columns) => {
    await schema
      .createTable('external_identities')
      .ifNotExists()
      .addColumn('id', columns.id, (column) => column.primaryKey())
      .addColumn('account_id', columns.id, (column) => column.notNull())
      .addColumn('provider', columns.key(PROVIDER_BYTES), (column) => column.notNull())
      .addColumn('issuer', columns.key(ISSUER_BYTES), (column) => column.notNull())
      .addColumn('subject', columns.key(SUBJECT_BYTES), (column) => column.notNull())
      .addColumn('handle', columns.text(HANDLE_CHARACTERS))
      .addColumn('created_at', columns.time, (column) => column.notNull())
      .addColumn('last_used_at', columns.time)
      .addUniqueConstraint('external_identities_issuer_subject', ['issuer', 'subject'])
      .addForeignKeyConstraint('external_identities_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(columns.clusteredByKey)
      .execute();
    await schema
      .createTable('external_transactions')
      .ifNotExists()
      .addColumn('state_hash', columns.hash, (column) => column.primaryKey())
      .addColumn('browser_hash', columns.hash, (column) => column.notNull())
      .addColumn('provider', columns.key(PROVIDER_BYTES), (column) => column.notNull())
      .addColumn('intent', columns.key(32), (column) => column.notNull())
      .addColumn('session_id', columns.id)
      .addColumn('next_path', columns.text(NEXT_PATH_CHARACTERS))
      .addColumn('created_at', columns.time, (column) => column.notNull())
      .addColumn('expires_at', columns.time, (column) => column.notNull())
      .modifyEnd(columns.clusteredByKey)
      .execute();
  },
  indexes: [
    { name: 'external_identities_account_id', table: 'external_identities', column: 'account_id' },
    { name: 'external_transactions_expires_at', table: 'external_transactions', column: 'expires_at' },
  ],
};
