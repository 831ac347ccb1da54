import type { Migration } from '../migration.ts';

// Nodes that do not know these columns count nothing at all, so they go on as before.
export const throttling: Migration = {
  number: 5,
  name: 'throttling',
  oldNodes: 'may go on',
  up: async ({ schema }, columns, hasColumn) => {
    if (!(await hasColumn('counters', 'blocked_until')))
      await schema
        .alterTable('counters')
        .addColumn('blocked_until', columns.time, (column) => column.notNull().defaultTo(0))
        .execute();
    if (!(await hasColumn('passwords', 'consecutive_failures')))
      await schema
        .alterTable('passwords')
        .addColumn('consecutive_failures', columns.number, (column) => column.notNull().defaultTo(0))
        .execute();
  },
  indexes: [],
};
