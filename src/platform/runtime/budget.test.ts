import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createBudget } from './budget.ts';

describe('a budget', () => {
  it('allows a number of uses in each window, and reports once how many it refused', () => {
    const budget = createBudget({ most: 2, window: 1_000 });
    const spend = (now: number) => budget.spend(now);
    assert.deepEqual(
      [5_000, 5_100, 5_200, 5_999].map((now) => spend(now).isWithin),
      [true, true, false, false],
    );
    assert.deepEqual(spend(6_000), { isWithin: true, leftOut: 2 });
    assert.deepEqual(spend(6_001), { isWithin: true, leftOut: 0 });
    assert.deepEqual(spend(6_002), { isWithin: false, leftOut: 0 });
  });

  it('begins a new window when the clock is set back', () => {
    const budget = createBudget({ most: 1, window: 1_000 });
    budget.spend(5_000);
    assert.equal(budget.spend(5_001).isWithin, false);
    assert.deepEqual(budget.spend(1_000), { isWithin: true, leftOut: 1 });
  });
});
