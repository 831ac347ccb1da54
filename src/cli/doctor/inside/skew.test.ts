import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeSkew } from './skew.ts';

describe('two clocks', () => {
  it('may differ by two seconds, should not by more, and must not by thirty', () => {
    const verdicts = [0, 2_000, -2_000, 2_001, -2_001, 30_000, 30_001, -30_001, 86_400_000].map(
      (skew) => judgeSkew(skew).verdict,
    );
    assert.deepEqual(verdicts, [
      'ok',
      'ok',
      'ok',
      'warning',
      'warning',
      'warning',
      'fault',
      'fault',
      'fault',
    ]);
    assert.equal(judgeSkew(null).verdict, 'ok');
  });

  it('are named by which of them is ahead', () => {
    assert.equal(judgeSkew(5_000).what, '5.0 s behind the database’s');
    assert.equal(judgeSkew(-61_500).what, '61.5 s ahead of the database’s');
  });
});
