import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nameOf, withBoundsTables } from '../scripts/docs/bounds-tables.ts';
import type { Feature } from '../src/auth/feature.ts';
import { limits } from '../src/latchkey.ts';
import { readTables } from '../src/operations/copy/tables.ts';
import { readDocument } from './kit/documents.ts';
import { EVERYTHING_ON } from './kit/everything-on.ts';
import { acme, startTwinProvider } from './kit/federation.ts';
import { reachInside, startSystem } from './kit/system.ts';

const page = readDocument('docs/limits.md');

/** The rows of the table below a heading, each as its cells. */
function rowsBelow(heading: string): readonly (readonly string[])[] {
  const [, part = ''] = page.split(`## ${heading}\n`);
  const [section = ''] = part.split('\n## ');
  const lines = section.split('\n').filter((line) => line.startsWith('| `'));
  return lines.map((line) => line.replace(/^\| | \|$/g, '').split(' | '));
}

function wordsIn(cell: string | undefined): readonly string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
}

/** The features with everything on. */
async function everyFeature(): Promise<readonly Feature[]> {
  await using provider = await startTwinProvider();
  await using system = await startSystem(acme(provider, EVERYTHING_ON));
  return reachInside(system, 'no page lists all routes').features;
}

describe('docs/limits.md', () => {
  it('A64 says for every table what bounds it for one client and for one account', async () => {
    const rows = rowsBelow('Tables');
    assert.deepEqual(
      rows.flatMap(([name]) => wordsIn(name)).sort(),
      (await readTables()).map(({ name }) => name).sort(),
    );
    for (const [name, ...cells] of rows) {
      assert.equal(cells.length, 4, name);
      for (const cell of cells) assert.ok(cell.trim().length > 2, `${name}: ${cell}`);
    }
  });

  it('A63 A64 lists what features declare', async () => {
    assert.equal(withBoundsTables(page, await everyFeature()), page, 'run: npm run docs');
  });

  it('A63 says for every route what bounds it', async () => {
    // Actions are bounded alike in both presentations.
    const routes = (await everyFeature())
      .flatMap(({ routes }) => routes)
      .filter((route) => !('body' in route));
    const rows = rowsBelow('Routes');
    const documented = rows.flatMap(([routes]) => wordsIn(routes));
    assert.deepEqual(
      documented.toSorted(),
      [...new Set(routes.map(nameOf))].toSorted(),
      'declare each route that is no ordinary page in `bounds` of its feature',
    );
    for (const [routes, ...cells] of rows) {
      assert.equal(cells.length, 2, routes);
      for (const cell of cells) assert.ok(cell.trim().length > 2, `${routes}: ${cell}`);
    }
  });

  it('A63 A64 names every limit, and bounds routes by limits that exist', () => {
    const names = new Set(limits.map(({ name }) => name));
    for (const name of names) assert.ok(page.includes(`\`${name}\``), name);
    for (const [routes, , bound] of rowsBelow('Routes'))
      for (const word of wordsIn(bound)) assert.ok(names.has(word) || / \//.test(word), `${routes}: ${word}`);
  });
});
