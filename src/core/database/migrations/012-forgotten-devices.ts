import type { Migration } from '../migration.ts';

// A node that does not know the column goes on telling of no browser that was known before.
export const forgottenDevices: Migration = {
  number: 12,
  name: 'forgotten devices',
  oldNodes: 'may go on',
  up: async ({ schema }, columns, hasColumn) => {
    if (await hasColumn('accounts', 'devices_forgotten_at')) return;
    await schema.alterTable('accounts').addColumn('devices_forgotten_at', columns.time).execute();
  },
  indexes: [],
};
