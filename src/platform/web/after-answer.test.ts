import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Overloaded } from '../runtime/limits.ts';
import { createAfterAnswer } from './after-answer.ts';

const rethrow = (error: unknown) => assert.ifError(error);

describe('work after the answer', () => {
  it('begins after its caller has continued, and is awaited when the system closes', async () => {
    const done: string[] = [];
    const after = createAfterAnswer(rethrow);
    after.run(async () => void done.push('work'));
    done.push('answer');
    await Promise.resolve();
    assert.deepEqual(done, ['answer']);
    await after.settled();
    assert.deepEqual(done, ['answer', 'work']);
  });

  it('is reported when it fails, and stops no other work', async () => {
    const failures: unknown[] = [];
    const done: string[] = [];
    const after = createAfterAnswer((error) => failures.push(error));
    const failure = new Error('away');
    after.run(() => Promise.reject(failure));
    after.run(async () => void done.push('next'));
    await after.settled();
    assert.deepEqual([failures, done], [[failure], ['next']]);
  });

  it('is refused while too much of it waits, and accepted again afterwards', async () => {
    const after = createAfterAnswer(rethrow);
    const held = Promise.withResolvers<void>();
    let taken = 0;
    const fill = () => {
      for (;;) {
        after.run(() => held.promise);
        taken += 1;
      }
    };
    assert.throws(fill, Overloaded);
    assert.equal(taken, 502);
    held.resolve();
    await after.settled();
    after.run(() => held.promise);
    await after.settled();
  });
});
