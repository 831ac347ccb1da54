import assert from 'node:assert/strict';
import { it } from 'node:test';
import { migrate } from '../../src/core/database/migrate.ts';
import { migrations } from '../../src/core/database/migrations/all.ts';
import { openDatabase } from '../../src/core/database/open.ts';
import { onEveryDatabase, POOL_LIMITS } from '../support/databases.ts';
import * as schema1 from './nodes-of-schema-1.ts';
import * as schema3 from './nodes-of-schema-3.ts';

const NOW = Date.UTC(2026, 0, 1, 12);

/** Programs that are out there, by the last step that they know. */
const OLD_NODES = [
  { first: 1, ...schema1 },
  { first: 3, ...schema3 },
];

onEveryDatabase('a rolling update', (engine) => {
  for (const { first, liveOneLife } of OLD_NODES) {
    it(`leaves nodes of schema ${first} at work before, during and after every step that says so`, async () => {
      const later = migrations.filter(({ number }) => number > first);
      const stop = later.findIndex(({ oldNodes }) => oldNodes === 'must be stopped first');
      const steps = stop === -1 ? later : later.slice(0, stop);
      assert.ok(steps.length > 0);
      await using empty = await engine.create();
      const database = openDatabase(empty.url, POOL_LIMITS);
      const oldNode = openDatabase(empty.url, POOL_LIMITS);
      try {
        await migrate(database, NOW, first);
        let lives = 0;
        const live = async () => {
          lives += 1;
          // The old node knows only its own tables.
          await liveOneLife(oldNode.queries, 2 * lives, NOW);
        };
        await live();
        for (const step of steps) {
          // Two connections of one process to one file would wait for each other, so there the old node waits its turn.
          const during = database.engine === 'sqlite' ? [] : Array.from({ length: 10 }, live);
          const [applied] = await Promise.all([migrate(database, NOW, step.number), ...during]);
          assert.deepEqual(applied, [step]);
          await live();
        }
      } finally {
        await oldNode.close();
        await database.close();
      }
    });
  }

  it('that was interrupted goes on where it stopped', async () => {
    await using empty = await engine.create();
    const database = openDatabase(empty.url, POOL_LIMITS);
    try {
      for (const step of migrations) {
        await migrate(database, NOW, step.number);
        if (step.number === 1) continue;
        // As after a crash between a step and the note of it, where the engine keeps each change at once.
        await database.queries.deleteFrom('schema_migrations').where('number', '=', step.number).execute();
        assert.deepEqual(await migrate(database, NOW, step.number), [step]);
      }
    } finally {
      await database.close();
    }
  });
});
