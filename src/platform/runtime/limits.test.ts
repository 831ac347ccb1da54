import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAdmission, Overloaded, type Priority } from './limits.ts';

/** Work that ends on request, and remembers the order in which it began. */
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

const turnOfTheLoop = () => new Promise((resolve) => setImmediate(resolve));

/** Starts jobs of several owners and returns the order in which they began. */
function createSharedWorkshop(limits: { atOnce: number; waiting: number }) {
  const admission = createAdmission(limits);
  const begun: string[] = [];
  const refused: string[] = [];
  const ends = new Map<string, () => void>();
  const submit = (
    job: string,
    owner: string | null,
    priority: Priority = 'other',
    client: string | null = null,
  ) => {
    const work = () => {
      begun.push(job);
      return new Promise<void>((resolve) => ends.set(job, resolve));
    };
    admission.run(work, { priority, client, owner }).catch((error: unknown) => {
      assert.ok(error instanceof Overloaded);
      refused.push(job);
    });
  };
  const finishAll = async (count: number) => {
    for (let at = 0; at < count; at += 1) {
      await turnOfTheLoop();
      ends.get(begun[at] ?? '')?.();
    }
    await turnOfTheLoop();
  };
  return { admission, begun, refused, submit, finishAll };
}

describe('admission of several owners', () => {
  it('A63 gives the owners in a line their turns, however much work one of them has', async () => {
    const { begun, submit, finishAll } = createSharedWorkshop({ atOnce: 1, waiting: 10 });
    for (const job of ['m1', 'm2', 'm3', 'm4']) submit(job, 'Mallory');
    for (const job of ['a1', 'a2']) submit(job, 'Ada');
    submit('b1', 'Ben');
    submit('unowned', null);
    await finishAll(8);
    assert.deepEqual(begun, ['m1', 'm2', 'a1', 'b1', 'unowned', 'm3', 'a2', 'm4']);
  });

  it('A63 gives the clients in a line their turns, however many accounts one of them has', async () => {
    const { begun, submit, finishAll } = createSharedWorkshop({ atOnce: 1, waiting: 10 });
    for (const job of ['m1', 'm2', 'm3', 'm4']) submit(job, `Mallory ${job}`, 'known', 'one network');
    submit('m5', 'Mallory m4', 'known', 'one network');
    submit('a1', 'Ada', 'known', 'another');
    submit('b1', 'Ben', 'known', 'a third');
    await finishAll(7);
    assert.deepEqual(begun, ['m1', 'm2', 'a1', 'b1', 'm3', 'm4', 'm5']);
  });

  it('A07 A63 makes room in a full line at the cost of the client with most, and among its owners', () => {
    const { admission, refused, submit } = createSharedWorkshop({ atOnce: 1, waiting: 4 });
    for (let job = 0; job < 6; job += 1) submit(`m${job}`, `Mallory ${job}`, 'known', 'one network');
    assert.equal(admission.isFull('known'), false, 'another client would find a place');
    submit('a1', 'Ada', 'known', 'another');
    submit('b1', 'Ben', 'known', 'a third');
    return turnOfTheLoop().then(() => assert.deepEqual(refused, ['m5', 'm4', 'm3']));
  });

  it('A63 I16 serves both lines while known browsers never stop: three of them for each one of the others', async () => {
    const { begun, submit, finishAll } = createSharedWorkshop({ atOnce: 1, waiting: 20 });
    for (let job = 0; job < 10; job += 1) submit(`k${job}`, `owner ${job}`, 'known');
    for (let job = 0; job < 4; job += 1) submit(`o${job}`, `stranger ${job}`);
    await finishAll(14);
    assert.deepEqual(
      begun.map((job) => job.slice(0, 1)).join(''),
      ['k', 'kkk', 'o', 'kkk', 'o', 'kkk', 'o', 'o'].join(''),
    );
  });

  it('A63 runs at most two jobs of one owner at once, and leaves the other places to others', async () => {
    const { begun, submit, admission, finishAll } = createSharedWorkshop({ atOnce: 4, waiting: 10 });
    for (const job of ['m1', 'm2', 'm3', 'm4']) submit(job, 'Mallory', 'known');
    assert.deepEqual(admission.load(), { running: 2, waiting: 2 });
    submit('a1', 'Ada');
    await turnOfTheLoop();
    assert.deepEqual(begun, ['m1', 'm2', 'a1'], 'a free place is taken at once');
    await finishAll(5);
    assert.deepEqual(begun, ['m1', 'm2', 'a1', 'm3', 'm4']);
  });

  it('A63 turns away the newest job of the owner with the most when another owner finds the line full', async () => {
    const { begun, refused, submit, admission, finishAll } = createSharedWorkshop({ atOnce: 1, waiting: 3 });
    for (const job of ['m1', 'm2', 'm3', 'm4']) submit(job, 'Mallory');
    assert.equal(admission.isFull(), false, 'another owner would find a place');
    submit('m5', 'Mallory');
    submit('a1', 'Ada');
    submit('b1', 'Ben');
    await turnOfTheLoop();
    assert.deepEqual(refused, ['m5', 'm4', 'm3']);
    assert.equal(admission.isFull(), true);
    submit('c1', 'Cleo');
    await finishAll(4);
    assert.deepEqual(refused.slice(3), ['c1']);
    assert.deepEqual(begun, ['m1', 'm2', 'a1', 'b1']);
  });
});
