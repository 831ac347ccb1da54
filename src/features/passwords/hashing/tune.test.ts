import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FLOOR, formatParameters, type HashParameters, isWeaker } from './parameters.ts';
import { type Measure, tuneParameters } from './tune.ts';

/** A machine on which a hash takes so long for each MiB and pass. */
const machine =
  (millisecondsForEach: number, more: (parameters: HashParameters) => number = () => 0): Measure =>
  async (parameters) =>
    (parameters.memoryKibibytes / 1_024) * parameters.passes * millisecondsForEach + more(parameters);

async function strongestOn(limit: number, measure: Measure): Promise<string | null> {
  const { strongest } = await tuneParameters(limit, measure);
  return strongest === null ? null : formatParameters(strongest.parameters);
}

describe('the tuning of the hash cost', () => {
  it('finds the cost that fills the most memory within the time limit', async () => {
    // 19 MiB × 5 passes and 46 MiB × 2 both fit 100; 32 MiB × 3 = 96 is more than either.
    assert.equal(await strongestOn(100, machine(1)), 'm=32768,t=3,p=1');
  });

  it('prefers memory to passes between equal costs', async () => {
    assert.equal(await strongestOn(128, machine(1)), 'm=65536,t=2,p=1');
  });

  it('relies on measurements, not on predictions', async () => {
    const outOfCache = machine(1, ({ memoryKibibytes }) => (memoryKibibytes > 20_000 ? 1_000 : 0));
    assert.equal(await strongestOn(100, outOfCache), 'm=19456,t=5,p=1');
    const superlinear = machine(1, ({ passes }) => passes ** 3);
    const { strongest, measurements } = await tuneParameters(150, superlinear);
    assert.ok(strongest !== null && strongest.milliseconds <= 150);
    for (const { parameters, milliseconds } of measurements)
      assert.equal(milliseconds, await superlinear(parameters), 'all that was measured is told');
  });

  it('never goes below the minimum, and finds nothing on a machine too slow for it', async () => {
    const { strongest, measurements } = await tuneParameters(10, machine(1));
    assert.equal(strongest, null);
    assert.deepEqual(
      measurements.map(({ parameters }) => parameters),
      [FLOOR],
    );
  });

  it('never exceeds what the setting accepts, however fast the machine is', async () => {
    const { strongest, measurements } = await tuneParameters(1_000, machine(0.0001));
    assert.ok(strongest !== null);
    assert.equal(formatParameters(strongest.parameters), 'm=262144,t=50,p=1');
    for (const { parameters } of measurements) assert.equal(isWeaker(parameters, FLOOR), false);
  });

  it('takes only a few measurements for each size', async () => {
    const { measurements } = await tuneParameters(500, machine(1));
    assert.ok(measurements.length <= 14, `${measurements.length} measurements`);
  });
});
