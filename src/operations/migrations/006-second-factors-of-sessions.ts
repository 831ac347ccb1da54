import type { Migration } from '../../platform/sql/index.ts';

const FACTOR_BYTES = 32;

/** Which second factor was proven in a session, and when. */
export const secondFactorsOfSessionsStep: Migration = {
  number: 6,
  name: 'second factors of sessions',
  oldNodes: 'compatible',
  up: async ({ schema }, columns, hasColumn) => {
    if (!(await hasColumn('sessions', 'second_factor')))
      await schema.alterTable('sessions').addColumn('second_factor', columns.key(FACTOR_BYTES)).execute();
    if (!(await hasColumn('sessions', 'second_factor_at')))
      await schema.alterTable('sessions').addColumn('second_factor_at', columns.time).execute();
  },
  indexes: [],
};
