import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeSkew } from './skew.ts';

describe('the doctor’s check of the clock skew', () => {
  it('P14 passes up to two seconds, warns above that and fails above ten', () => {
    const verdicts = [0, 2_000, -2_000, 2_001, -2_001, 10_000, 10_001, -10_001, 86_400_000].map(
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

  it('reports which of the two clocks is ahead', () => {
    assert.equal(judgeSkew(5_000).what, '5.0 s behind the database’s');
    assert.equal(judgeSkew(-61_500).what, '61.5 s ahead of the database’s');
  });
});
