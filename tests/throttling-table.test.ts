import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withLimitsTable } from '../scripts/docs/limits-table.ts';
import { collectDefinitions } from '../src/composition/collect.ts';
import { limits } from '../src/latchkey.ts';
import { defineLimits } from '../src/platform/rate-limit/index.ts';
import { readDocument } from './kit/documents.ts';

describe('limits', () => {
  it('are listed in docs/throttling.md with what they count and their rules', () => {
    const page = readDocument('docs/throttling.md');
    assert.equal(page, withLimitsTable(page, limits), 'run: npm run docs');
  });

  it('have unique names across features, because names key the stored counts', () => {
    const one = defineLimits({ account: { counts: 'failures', rule: { max: 1, window: 1_000 } } });
    const other = defineLimits({ account: { counts: 'mails', rule: { max: 2, window: 1_000 } } });
    assert.throws(() => collectDefinitions([one, undefined, other]), /two definitions have the name account/);
  });
});
