import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAdmission, Overloaded } from './limits.ts';

/** Work that ends when it is told to, and remembers the order in which it began. */
function createWorkshop(limits: { atOnce: number; waiting: number }) {
  const admission = createAdmission(limits);
  const begun: number[] = [];
  const ends = new Map<number, PromiseWithResolvers<number>>();
  let running = 0;
  let most = 0;
  const submit = (job: number) => {
    const end = Promise.withResolvers<number>();
    ends.set(job, end);
    return admission.run(async () => {
      begun.push(job);
      running += 1;
      most = Math.max(most, running);
      try {
        return await end.promise;
      } finally {
        running -= 1;
      }
    });
  };
  return {
    admission,
    begun,
    submit,
    most: () => most,
    finish: (job: number) => ends.get(job)?.resolve(job),
    fail: (job: number) => ends.get(job)?.reject(new Error(`job ${job} failed`)),
  };
}

describe('admission', () => {
  it('runs no more jobs at once than its limit, in their order', async () => {
    const workshop = createWorkshop({ atOnce: 2, waiting: 4 });
    const results = [1, 2, 3, 4, 5, 6].map(workshop.submit);
    for (const job of [2, 1, 3, 4, 5, 6]) {
      workshop.finish(job);
      assert.equal(await results[job - 1], job);
    }
    assert.deepEqual(workshop.begun, [1, 2, 3, 4, 5, 6]);
    assert.equal(workshop.most(), 2);
  });

  it('refuses a job at once when the queue is full', async () => {
    const workshop = createWorkshop({ atOnce: 1, waiting: 2 });
    const results = [1, 2, 3].map(workshop.submit);
    assert.equal(workshop.admission.isFull(), true);
    await assert.rejects(workshop.submit(4), Overloaded);
    workshop.finish(1);
    assert.equal(await results[0], 1);
    assert.equal(workshop.admission.isFull(), false);
    results.push(workshop.submit(5));
    for (const job of [2, 3, 5]) {
      workshop.finish(job);
      await results[job === 5 ? 3 : job - 1];
    }
    assert.deepEqual(workshop.begun, [1, 2, 3, 5], 'who was turned away never worked');
  });

  it('gives a free place to the next job in the queue before any later one', async () => {
    const workshop = createWorkshop({ atOnce: 1, waiting: 1 });
    const first = workshop.submit(1);
    const second = workshop.submit(2);
    workshop.finish(1);
    await first;
    assert.equal(workshop.admission.isFull(), false);
    const third = workshop.submit(3);
    workshop.finish(2);
    await second;
    workshop.finish(3);
    assert.equal(await third, 3);
    assert.deepEqual([workshop.begun, workshop.most()], [[1, 2, 3], 1]);
  });

  it('is not blocked by a job that fails, later or at once', async () => {
    const workshop = createWorkshop({ atOnce: 1, waiting: 1 });
    for (const job of [1, 2, 3]) {
      const result = workshop.submit(job);
      workshop.fail(job);
      await assert.rejects(result, /failed/);
      const thrown = workshop.admission.run(() => {
        throw new Error('thrown at once');
      });
      await assert.rejects(thrown, /at once/);
    }
    const last = workshop.submit(4);
    workshop.finish(4);
    assert.equal(await last, 4);
  });

  it('can do without a queue', async () => {
    const workshop = createWorkshop({ atOnce: 1, waiting: 0 });
    const first = workshop.submit(1);
    await assert.rejects(workshop.submit(2), Overloaded);
    workshop.finish(1);
    assert.equal(await first, 1);
  });
});
