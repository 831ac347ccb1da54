import type { Migration } from '../../platform/sql/index.ts';

/** Finds the few disabled accounts among all. */
export const disabledAccountsStep: Migration = {
  number: 3,
  name: 'index of disabled accounts',
  oldNodes: 'compatible',
  up: async () => {},
  indexes: [{ name: 'accounts_disabled_at', table: 'accounts', column: 'disabled_at', orderedBy: 'id' }],
};
