import type { Migration } from '../migration.ts';

const USER_AGENT_CHARACTERS = 400;
const ADDRESS_CHARACTERS = 64;
const DETAILS_CHARACTERS = 2_000;
/** A UUID as text, or whatever a proxy has put in its place. */
const REQUEST_ID_CHARACTERS = 64;
const WORK_CHARACTERS = 64;

export const auditEvents: Migration = {
  number: 7,
  name: 'audit events',
  oldNodes: 'may go on',
  up: async ({ schema }, columns) => {
    await schema
      .createTable('audit_events')
      .ifNotExists()
      .addColumn('sequence', columns.sequence, (column) => column.primaryKey())
      .addColumn('happened_at', columns.time, (column) => column.notNull())
      .addColumn('type', columns.key(64), (column) => column.notNull())
      .addColumn('outcome', columns.key(16), (column) => column.notNull())
      .addColumn('account_id', columns.id)
      .addColumn('session_id', columns.id)
      .addColumn('request_id', columns.text(REQUEST_ID_CHARACTERS))
      .addColumn('address', columns.text(ADDRESS_CHARACTERS))
      .addColumn('user_agent', columns.text(USER_AGENT_CHARACTERS))
      .addColumn('work', columns.text(WORK_CHARACTERS))
      .addColumn('details', columns.text(DETAILS_CHARACTERS), (column) => column.notNull())
      .addColumn('key_id', columns.key(16), (column) => column.notNull())
      .addColumn('previous_mac', columns.hash, (column) => column.notNull())
      .addColumn('mac', columns.hash, (column) => column.notNull())
      .execute();
    await schema
      .createTable('audit_ends')
      .ifNotExists()
      .addColumn('name', columns.key(16), (column) => column.primaryKey())
      .addColumn('sequence', columns.sequence, (column) => column.notNull())
      .addColumn('mac', columns.hash, (column) => column.notNull())
      .addColumn('key_id', columns.key(16), (column) => column.notNull())
      .addColumn('seal', columns.hash, (column) => column.notNull())
      .execute();
  },
  indexes: [
    { name: 'audit_events_account_id', table: 'audit_events', column: 'account_id', orderedBy: 'sequence' },
    { name: 'audit_events_happened_at', table: 'audit_events', column: 'happened_at' },
  ],
};
