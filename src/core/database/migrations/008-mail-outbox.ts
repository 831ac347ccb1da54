import type { Migration } from '../migration.ts';

/** The most that is kept of what a mail server said, in characters. */
const ANSWER_CHARACTERS = 400;

export const mailOutbox: Migration = {
  number: 8,
  name: 'mail outbox',
  oldNodes: 'may go on',
  up: async ({ schema }, columns) => {
    await schema
      .createTable('mail_outbox')
      .ifNotExists()
      .addColumn('id', columns.id, (column) => column.primaryKey())
      .addColumn('account_id', columns.id)
      .addColumn('recipient', columns.text(254), (column) => column.notNull())
      .addColumn('message', columns.key(64), (column) => column.notNull())
      .addColumn('sealed', columns.bytes, (column) => column.notNull())
      .addColumn('created_at', columns.time, (column) => column.notNull())
      .addColumn('attempts', columns.number, (column) => column.notNull())
      .addColumn('due_at', columns.time)
      .addColumn('lease', columns.id)
      .addColumn('answer', columns.text(ANSWER_CHARACTERS))
      .addColumn('shown_at', columns.time)
      .addColumn('failed_at', columns.time)
      .addForeignKeyConstraint('mail_outbox_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .execute();
  },
  indexes: [
    { name: 'mail_outbox_account_id', table: 'mail_outbox', column: 'account_id' },
    { name: 'mail_outbox_due_at', table: 'mail_outbox', column: 'due_at' },
    { name: 'mail_outbox_shown_at', table: 'mail_outbox', column: 'shown_at' },
    { name: 'mail_outbox_failed_at', table: 'mail_outbox', column: 'failed_at' },
  ],
};
