import type { Migration } from '../migration.ts';

// A node that does not know the column may let somebody in whose account is to be deleted. The nodes that do know it
// refuse that session, so the person signs in once more, and that keeps the account.
export const accountDeletion: Migration = {
  number: 4,
  name: 'account deletion',
  oldNodes: 'may go on',
  up: async ({ schema }, columns, hasColumn) => {
    if (await hasColumn('accounts', 'delete_at')) return;
    await schema.alterTable('accounts').addColumn('delete_at', columns.time).execute();
  },
  indexes: [{ name: 'accounts_delete_at', table: 'accounts', column: 'delete_at' }],
};
