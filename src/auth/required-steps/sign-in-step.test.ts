import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collectSlots } from '../../composition/collect.ts';
import { accountIds } from '../identifiers/ids.ts';
import { findNextRequiredStep, type SignInStep } from './sign-in-step.ts';

function step(name: string, position: number, isRequired = true): SignInStep & { readonly position: number } {
  return { name, position, path: `/login/${name}`, isRequired: async () => isRequired };
}

function stepsOf(...signInSteps: readonly ReturnType<typeof step>[]) {
  const features = signInSteps.map((own) => ({
    name: own.name,
    routes: [],
    signInSteps: [own],
  }));
  return collectSlots(features).signInRules.steps;
}

describe('the required steps of a sign-in', () => {
  it('are asked in the order of their positions, whatever the order of the features', async () => {
    const steps = stepsOf(step('c', 30), step('a', 10, false), step('b', 20));
    assert.deepEqual(
      steps.map(({ name }) => name),
      ['a', 'b', 'c'],
    );
    assert.equal((await findNextRequiredStep(steps, accountIds.create(0), []))?.name, 'b');
    assert.equal(await findNextRequiredStep([step('a', 10, false)], accountIds.create(0), []), null);
  });

  it('each need a position of their own, or the system does not start', () => {
    assert.throws(() => stepsOf(step('a', 10), step('b', 10)), /signInSteps: .* both have the position 10/);
  });
});
