import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runProgram } from '../../tests/kit/processes.ts';
import { temporaryFolder } from '../../tests/kit/temporary.ts';

/** Prints by what factor the young generation grows when many objects survive its collections. */
const growth = (before: string) => `
import { getHeapSpaceStatistics } from 'node:v8';
import { pinYoungGeneration } from '${new URL('./young-generation.ts', import.meta.url)}';
const size = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size;
const kept = [];
const make = (count) => { for (let index = 0; index < count; index += 1) kept[index % 100_000] = { index, list: [index] }; };
${before}
const start = size();
make(3_000_000);
console.log(size() / start);`;

async function growthAfter(before: string): Promise<number> {
  using folder = temporaryFolder();
  const words = ['--conditions=latchkey-source', '--input-type=module', '--eval', growth(before)];
  const { stdout, stderr } = await runProgram(words, { folder: folder.path });
  assert.equal(stderr, '');
  return Number(stdout);
}

describe('V8’s young generation', () => {
  it('keeps its size during a flood, where V8 alone would enlarge it', async () => {
    const grown = await growthAfter('');
    const kept = await growthAfter('pinYoungGeneration();');
    assert.ok(4 * kept <= grown, `${kept} times what it was, and ${grown} times without`);
  });
});
