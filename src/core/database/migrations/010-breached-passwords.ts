import type { Migration } from '../migration.ts';

// A node that does not know the column leaves it as it is when a password is changed. The mark is then older than the
// password, and counts for nothing.
export const breachedPasswords: Migration = {
  number: 10,
  name: 'breached passwords',
  oldNodes: 'may go on',
  up: async ({ schema }, columns, hasColumn) => {
    if (await hasColumn('passwords', 'found_breached_at')) return;
    await schema.alterTable('passwords').addColumn('found_breached_at', columns.time).execute();
  },
  indexes: [],
};
