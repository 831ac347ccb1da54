import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { firstInTheWay, inOrder, type SignInStep } from './sign-in-step.ts';

function step(name: string, standsInTheWay = true): SignInStep {
  return { name, path: `/login/${name}`, isInTheWay: async () => standsInTheWay };
}

describe('the steps of a sign-in', () => {
  it('are asked in the one fixed order, whatever feature declares them', async () => {
    const steps = inOrder([step('c'), step('a', false), step('b')], ['a', 'b', 'c', 'd']);
    assert.deepEqual(
      steps.map(({ name }) => name),
      ['a', 'b', 'c'],
    );
    assert.equal((await firstInTheWay(steps, 'somebody', []))?.name, 'b');
    assert.equal(await firstInTheWay([step('a', false)], 'somebody', []), null);
  });

  it('each need a place of their own, or the system does not start', () => {
    assert.throws(() => inOrder([step('a'), step('b')], ['a']), /the sign-in step b has no place/);
    assert.throws(() => inOrder([step('a'), step('a')], ['a']), /the sign-in step a has no place/);
  });
});
