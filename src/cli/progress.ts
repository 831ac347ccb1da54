/** What progress is written to: stderr, or a text in a test. */
export type ProgressStream = { readonly isTTY?: boolean; readonly write: (text: string) => unknown };

/** How far some work is; `done` may pass `total` where that was an estimate. */
export type Step = { readonly work: string; readonly done: number; readonly total: number };

export type ProgressDisplay = {
  readonly show: (step: Step) => void;
  /** Leaves the terminal as it was. */
  readonly end: () => void;
};

const BAR = 30;
const TENTHS = 10;
const CLEAR_LINE = '\r\u001b[K';

/** Shows progress: a bar that grows on a terminal, elsewhere a line for each tenth of each work. */
export function createProgress(stream: ProgressStream): ProgressDisplay {
  return stream.isTTY === true ? bar(stream) : lines(stream);
}

function bar(stream: ProgressStream): ProgressDisplay {
  return {
    show: (step) => {
      const filled = Math.floor(share(step) * BAR);
      stream.write(`${CLEAR_LINE}[${'#'.repeat(filled)}${' '.repeat(BAR - filled)}] ${describe(step)}`);
    },
    end: () => stream.write(CLEAR_LINE),
  };
}

function lines(stream: ProgressStream): ProgressDisplay {
  let last = '';
  return {
    show: (step) => {
      const reached = `${step.work} ${Math.floor(share(step) * TENTHS)}`;
      if (reached === last) return;
      last = reached;
      stream.write(`${describe(step)}\n`);
    },
    end: () => {},
  };
}

function describe(step: Step): string {
  const percent = Math.floor(share(step) * 100);
  return `${step.work}: ${percent} % (${count(step.done)} of ${count(step.total)} rows)`;
}

function share({ done, total }: Step): number {
  return total === 0 ? 1 : Math.min(1, done / total);
}

/** A number as people read it. */
export function count(number: number): string {
  return number.toLocaleString('en');
}
