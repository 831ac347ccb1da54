import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { retryConflicts } from './transactions.ts';

class Conflict extends Error {}

const isConflict = (error: unknown) => error instanceof Conflict;

/** Work that is in conflict several times before it succeeds; `inTurn` counts what runs from the fourth attempt on. */
function conflicting(times: number, inTurn = { now: 0, most: 0 }) {
  let attempts = 0;
  return async () => {
    attempts += 1;
    const step = attempts >= 4 ? 1 : 0;
    inTurn.now += step;
    inTurn.most = Math.max(inTurn.most, inTurn.now);
    await new Promise(setImmediate);
    inTurn.now -= step;
    if (attempts <= times) throw new Conflict();
    return attempts;
  };
}

describe('work that the engine gave up because of a conflict', () => {
  it('is run again until it succeeds, at most twelve times', async () => {
    assert.equal(await retryConflicts(isConflict, conflicting(0)), 1);
    assert.equal(await retryConflicts(isConflict, conflicting(5)), 6);
    await assert.rejects(retryConflicts(isConflict, conflicting(12)), Conflict);
  });

  it('is not run again after another error', async () => {
    let attempts = 0;
    const work = async () => {
      attempts += 1;
      throw new Error('no conflict');
    };
    await assert.rejects(retryConflicts(isConflict, work), /no conflict/);
    assert.equal(attempts, 1);
  });

  it('runs one after the other from the fourth attempt on, and never waits for itself', async () => {
    const inTurn = { now: 0, most: 0 };
    // Parts of work in turn may be in conflict, too.
    const work = Array.from({ length: 8 }, () => {
      const own = conflicting(3, inTurn);
      return async () => {
        const attempts = await own();
        return attempts + (await retryConflicts(isConflict, conflicting(4)));
      };
    });
    const results = await Promise.all(work.map((each) => retryConflicts(isConflict, each)));
    assert.deepEqual(results, Array(8).fill(4 + 5));
    assert.equal(inTurn.most, 1);
  });
});
