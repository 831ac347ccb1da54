import { migrations } from '../../src/latchkey.ts';
import type { Migration } from '../../src/platform/sql/index.ts';

/** A step that only the tests have: a table, a column and an index in addition to the initial schema. */
export const compatibleStep: Migration = {
  number: migrations.length + 1,
  name: 'a step of the tests',
  oldNodes: 'compatible',
  up: async ({ schema }, columns, hasColumn) => {
    await schema
      .createTable('test_notes')
      .ifNotExists()
      .addColumn('id', columns.id, (column) => column.primaryKey())
      .addColumn('note', columns.text(100))
      .execute();
    if (await hasColumn('accounts', 'test_mark')) return;
    await schema
      .alterTable('accounts')
      .addColumn('test_mark', columns.number, (column) => column.notNull().defaultTo(0))
      .execute();
  },
  indexes: [{ name: 'accounts_test_mark', table: 'accounts', column: 'test_mark', orderedBy: 'created_at' }],
};

/** The schema as a later version will know it. */
export const laterSteps: readonly Migration[] = [...migrations, compatibleStep];
