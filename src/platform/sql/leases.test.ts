import assert from 'node:assert/strict';
import { it } from 'node:test';
import { START_OF_TESTS } from '../../../tests/kit/clock.ts';
import { onEveryDatabase } from '../../../tests/kit/databases.ts';
import { reachInside, startSystem, type TestSystem } from '../../../tests/kit/system.ts';
import { MINUTE } from '../runtime/clock.ts';
import { createLeases } from './leases.ts';

const NOW = START_OF_TESTS;

const databaseOf = (system: TestSystem) =>
  reachInside(system, 'nodes take leases, requests do not').core.database;

onEveryDatabase('a lease', (engine) => {
  it('goes to one of twenty nodes that ask at once', async () => {
    await using system = await startSystem({}, engine);
    const database = databaseOf(system);
    const nodes = Array.from({ length: 20 }, () => createLeases(database, NOW));
    for (const at of [NOW, NOW + MINUTE]) {
      const held = await Promise.all(nodes.map((node) => node.hold('tidy up', at, MINUTE)));
      assert.equal(held.filter(Boolean).length, 1);
    }
  });

  it('stays with its holder until it expires, and is renewed by asking again', async () => {
    await using system = await startSystem({}, engine);
    const database = databaseOf(system);
    const [one, other] = [createLeases(database, NOW), createLeases(database, NOW)];
    assert.equal(await one.hold('tidy up', NOW, MINUTE), true);
    assert.equal(await other.hold('tidy up', NOW + MINUTE - 1, MINUTE), false);
    assert.equal(await one.hold('tidy up', NOW + MINUTE - 1, MINUTE), true);
    assert.equal(await other.hold('tidy up', NOW + MINUTE, MINUTE), false, 'it was renewed');
    assert.equal(await other.hold('tidy up', NOW + 2 * MINUTE, MINUTE), true, 'its holder is gone');
    assert.equal(await one.hold('tidy up', NOW + 2 * MINUTE, MINUTE), false);
    assert.equal(await one.hold('other work', NOW, MINUTE), true, 'each work has a lease of its own');
  });
});
