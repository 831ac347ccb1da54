/** Thrown when more work is waiting than will be done in time. The request ends with 503 and `Retry-After`. */
export class Overloaded extends Error {
  constructor() {
    super('more is waiting than can be done in time');
    this.name = 'Overloaded';
  }
}

export const OVERLOAD_RETRY_SECONDS = 2;

/** Where somebody waits: in line with everybody, or in a line of its own that goes first. */
export type Line = 'first' | 'everybody';

/** Lets a few do their work at once, a few more wait in line, and turns the rest away at once. */
export type Admission = {
  /** Whether everybody's line is full. */
  readonly isFull: () => boolean;
  /** How many do their work at the moment, and how many wait in line. */
  readonly load: () => { readonly running: number; readonly waiting: number };
  /** @throws {Overloaded} when the line is full */
  readonly run: <Result>(work: () => Promise<Result>, line?: Line) => Promise<Result>;
};

/** @param limits how many run at once, and how many more may wait in each line */
export function createAdmission(limits: { readonly atOnce: number; readonly waiting: number }): Admission {
  const lines: Readonly<Record<Line, (() => void)[]>> = { first: [], everybody: [] };
  let running = 0;

  const isFull = (line: Line) => running >= limits.atOnce && lines[line].length >= limits.waiting;
  const enter = (line: Line): Promise<void> | undefined => {
    if (isFull(line)) throw new Overloaded();
    if (running >= limits.atOnce) return new Promise((resolve) => lines[line].push(resolve));
    running += 1;
    return undefined;
  };
  // The place of one who leaves goes straight to the next in line, so nobody can slip in between.
  const leave = () => {
    const next = lines.first.shift() ?? lines.everybody.shift();
    if (next === undefined) running -= 1;
    else next();
  };

  return {
    isFull: () => isFull('everybody'),
    load: () => ({ running, waiting: lines.first.length + lines.everybody.length }),
    run: async (work, line = 'everybody') => {
      await enter(line);
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
