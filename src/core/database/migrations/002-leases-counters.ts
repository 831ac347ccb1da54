import type { Migration } from '../migration.ts';

export const leasesCounters: Migration = {
  number: 2,
  name: 'leases, counters',
  oldNodes: 'may go on',
  up: async ({ schema }, columns) => {
    await schema
      .createTable('leases')
      .ifNotExists()
      .addColumn('name', columns.key(64), (column) => column.primaryKey())
      .addColumn('holder', columns.id, (column) => column.notNull())
      .addColumn('expires_at', columns.time, (column) => column.notNull())
      .execute();
    await schema
      .createTable('counters')
      .ifNotExists()
      .addColumn('key_hash', columns.hash, (column) => column.primaryKey())
      .addColumn('count', columns.number, (column) => column.notNull())
      .addColumn('expires_at', columns.time, (column) => column.notNull())
      .execute();
  },
  indexes: [
    { name: 'sessions_expires_at', table: 'sessions', column: 'expires_at' },
    { name: 'counters_expires_at', table: 'counters', column: 'expires_at' },
  ],
};
