import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createMovableClock } from './clock.ts';

describe('the clock of a test', () => {
  it('follows another one, as far ahead as it was moved', () => {
    let real = 1_000;
    const clock = createMovableClock(() => real);
    assert.equal(clock.now(), 1_000);
    clock.advance('1h');
    clock.advance(5);
    assert.equal(clock.now(), 3_601_005);
    real = 2_000;
    assert.equal(clock.now(), 3_602_005);
    clock.reset();
    assert.equal(clock.now(), 2_000);
  });

  it('is not moved by what is no duration', () => {
    const clock = createMovableClock(() => 0);
    for (const wrong of ['1.5h', '-1h', '1e3s'] as const)
      assert.throws(() => clock.advance(wrong), /is no duration; give one such as 30s/);
    assert.throws(() => clock.advance(Number.NaN), RangeError);
    assert.equal(clock.now(), 0);
  });
});
