import assert from 'node:assert/strict';
import { it } from 'node:test';
import { migrations } from '../../src/latchkey.ts';
import { migrate, openDatabase } from '../../src/platform/sql/index.ts';
import { DATABASE_OPTIONS, onEveryDatabase } from '../kit/databases.ts';
import type { AllTables, Database } from '../kit/tables.ts';
import { compatibleStep, laterSteps } from './later-steps.ts';
import { useOldNode } from './node-of-initial-schema.ts';

const NOW = Date.UTC(2026, 0, 1, 12);

onEveryDatabase('a rolling update', (engine) => {
  const open = (url: string): AsyncDisposable & { readonly database: Database } => {
    const database = openDatabase<AllTables>(url, DATABASE_OPTIONS);
    return { database, [Symbol.asyncDispose]: database.close };
  };

  it('keeps nodes that know only the initial schema working before, during and after a later step', async () => {
    assert.equal(compatibleStep.oldNodes, 'compatible');
    await using empty = await engine.create();
    await using newNode = open(empty.url);
    await using oldNode = open(empty.url);
    await migrate(newNode.database, migrations, NOW);
    let users = 0;
    const use = async () => {
      users += 1;
      await useOldNode(oldNode.database.queries, 2 * users, NOW);
    };
    await use();
    // Two connections of one process to one SQLite file would wait for each other for ever.
    const during = engine.name === 'SQLite' ? [] : Array.from({ length: 10 }, use);
    const [applied] = await Promise.all([migrate(newNode.database, laterSteps, NOW), ...during]);
    assert.deepEqual(applied, [compatibleStep]);
    await use();
  });

  it('continues with the step that was interrupted', async () => {
    await using empty = await engine.create();
    await using node = open(empty.url);
    await migrate(node.database, laterSteps, NOW);
    for (const step of laterSteps) {
      // As after a crash between a step and its record, where the engine commits each change at once.
      const { queries } = node.database;
      await queries.deleteFrom('migrations').where('number', '=', step.number).execute();
      assert.deepEqual(await migrate(node.database, laterSteps, NOW), [step]);
    }
  });

  it('applies a later step without applying the initial schema again', async () => {
    await using empty = await engine.create();
    await using node = open(empty.url);
    assert.deepEqual(await migrate(node.database, migrations, NOW), migrations);
    assert.deepEqual(await migrate(node.database, laterSteps, NOW + 1), [compatibleStep]);
    assert.deepEqual(await migrate(node.database, laterSteps, NOW + 2), []);
  });
});
