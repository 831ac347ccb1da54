import type { Migration } from '../migration.ts';

const PROVIDER_BYTES = 32;
const ISSUER_BYTES = 255;
const SUBJECT_BYTES = 255;
const ROLES_CHARACTERS = 2_000;

// A node that does not know the tables begins sessions without roles, which no provider can end. A sign-in that waits for
// a step, and was begun on a node of the other kind, begins anew.
export const vouchedSignIns: Migration = {
  number: 13,
  name: 'vouched sign-ins',
  oldNodes: 'may go on',
  up: async ({ schema }, columns, hasColumn) => {
    if (!(await hasColumn('sessions', 'roles')))
      await schema.alterTable('sessions').addColumn('roles', columns.text(ROLES_CHARACTERS)).execute();
    await schema
      .createTable('external_sign_ins')
      .ifNotExists()
      .addColumn('id', columns.id, (column) => column.primaryKey())
      .addColumn('provider', columns.key(PROVIDER_BYTES), (column) => column.notNull())
      .addColumn('issuer', columns.key(ISSUER_BYTES), (column) => column.notNull())
      .addColumn('subject', columns.key(SUBJECT_BYTES), (column) => column.notNull())
      .addColumn('sid_hash', columns.hash)
      .addColumn('roles', columns.text(ROLES_CHARACTERS))
      .addColumn('kept', columns.bytes)
      .addColumn('account_id', columns.id)
      .addColumn('session_id', columns.id)
      .addColumn('created_at', columns.time, (column) => column.notNull())
      .addColumn('expires_at', columns.time, (column) => column.notNull())
      .addForeignKeyConstraint('external_sign_ins_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .addForeignKeyConstraint('external_sign_ins_session', ['session_id'], 'sessions', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(columns.clusteredByKey)
      .execute();
    await schema
      .createTable('external_tokens')
      .ifNotExists()
      .addColumn('identity_id', columns.id, (column) => column.primaryKey())
      .addColumn('tokens', columns.bytes, (column) => column.notNull())
      .addColumn('expires_at', columns.time)
      .addColumn('version', columns.number, (column) => column.notNull())
      .addColumn('refreshing_until', columns.time)
      .addColumn('updated_at', columns.time, (column) => column.notNull())
      .addForeignKeyConstraint(
        'external_tokens_identity',
        ['identity_id'],
        'external_identities',
        ['id'],
        (key) => key.onDelete('cascade'),
      )
      .modifyEnd(columns.clusteredByKey)
      .execute();
  },
  indexes: [
    { name: 'external_sign_ins_account_id', table: 'external_sign_ins', column: 'account_id' },
    { name: 'external_sign_ins_session_id', table: 'external_sign_ins', column: 'session_id' },
    { name: 'external_sign_ins_subject', table: 'external_sign_ins', column: 'subject' },
    { name: 'external_sign_ins_sid_hash', table: 'external_sign_ins', column: 'sid_hash' },
    { name: 'external_sign_ins_expires_at', table: 'external_sign_ins', column: 'expires_at' },
  ],
};
