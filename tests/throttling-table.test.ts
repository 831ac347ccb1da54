import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { policies } from '../src/auth/throttle/policies.ts';
import { isBackoff } from '../src/platform/rate-limit/counters/judge.ts';
import { readDocument } from './kit/documents.ts';

describe('docs/throttling.md', () => {
  it('lists every policy with what it counts and its limit', () => {
    const page = readDocument('docs/throttling.md');
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    const told = rows.map((row) =>
      row.split(' | ').map((cell) => cell.replace(/^\| |`| \|$/g, '').replace(/^`|`$/g, '')),
    );
    assert.deepEqual(
      told.map(([name]) => name),
      Object.keys(policies),
    );
    for (const [at, [name, { counts, rule }]] of Object.entries(policies).entries()) {
      assert.equal(told[at]?.[1], counts, name);
      assert.match(told[at]?.[2] ?? '', new RegExp(`^${isBackoff(rule) ? rule.free : rule.most}\\b`), name);
    }
  });
});
