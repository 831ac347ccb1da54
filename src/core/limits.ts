/** Thrown when more work is waiting than will be done in time. The request ends with 503 and `Retry-After`. */
export class Overloaded extends Error {
  constructor() {
    super('more is waiting than can be done in time');
    this.name = 'Overloaded';
  }
}

export const OVERLOAD_RETRY_SECONDS = 2;

/** Lets a few do their work at once, a few more wait in line, and turns the rest away at once. */
export type Admission = {
  readonly isFull: () => boolean;
  /** @throws {Overloaded} when the queue is full */
  readonly run: <Result>(work: () => Promise<Result>) => Promise<Result>;
};

/** @param limits how many run at once, and how many more may wait */
export function createAdmission(limits: { readonly atOnce: number; readonly waiting: number }): Admission {
  const queue: (() => void)[] = [];
  let running = 0;

  const isFull = () => running >= limits.atOnce && queue.length >= limits.waiting;
  const enter = (): Promise<void> | undefined => {
    if (isFull()) throw new Overloaded();
    if (running >= limits.atOnce) return new Promise((resolve) => queue.push(resolve));
    running += 1;
    return undefined;
  };
  // The place of one who leaves goes straight to the next in line, so nobody can slip in between.
  const leave = () => {
    const next = queue.shift();
    if (next === undefined) running -= 1;
    else next();
  };

  return {
    isFull,
    run: async (work) => {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
