import { setImmediate } from 'node:timers/promises';
import { createAdmission, Overloaded } from '../runtime/index.ts';

/**
 * Work that is done once the answer is sent, so that the time of an answer reveals nothing of it (A03). A few are done at
 * once, and some wait; they are lost when the process is killed, and then the user asks again.
 */
export type AfterAnswer = {
  /** @throws {Overloaded} when too much waits already */
  readonly run: (work: () => Promise<void>) => void;
  /** Resolves when nothing is left to do. */
  readonly settled: () => Promise<void>;
};

const LIMITS = { atOnce: 2, waiting: 500 };

/** @param onFailure called for work that failed; its answer is sent, so nothing else reports it */
export function createAfterAnswer(onFailure: (error: unknown) => void): AfterAnswer {
  const admission = createAdmission(LIMITS);
  const underWay = new Set<Promise<void>>();

  const doLater = async (work: () => Promise<void>) => {
    try {
      await admission.run(async () => {
        await setImmediate();
        await work();
      });
    } catch (error) {
      onFailure(error);
    }
  };

  return {
    run: (work) => {
      if (admission.isFull()) throw new Overloaded();
      const done = doLater(work).finally(() => underWay.delete(done));
      underWay.add(done);
    },
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
