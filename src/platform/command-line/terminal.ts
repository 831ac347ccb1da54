/**
 * JSON without characters that a terminal obeys. JSON itself leaves the C1 control characters as they are, including
 * CSI (U+009B).
 */
export function jsonForTerminal(value: unknown): string {
  return textForTerminal(JSON.stringify(value));
}

/** Text in which each character that a terminal obeys or hides is an escape sequence of JSON (A56). */
export function textForTerminal(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

export function formatCount(number: number): string {
  return number.toLocaleString('en');
}

/** Where progress is written to: stderr, or a text in a test. */
export type ProgressStream = { readonly isTTY?: boolean; readonly write: (text: string) => unknown };

/** `done` may exceed an estimated `total`. */
export type Step = { readonly work: string; readonly done: number; readonly total: number };

export type ProgressDisplay = {
  readonly show: (step: Step) => void;
  /** Removes the bar from the terminal. */
  readonly end: () => void;
};

const BAR_WIDTH = 30;
const CLEAR_LINE = '\r\u001b[K';

/** Shows progress as a growing bar on a terminal, else as a line for each tenth of each step. */
export function createProgress(stream: ProgressStream): ProgressDisplay {
  if (stream.isTTY !== true) {
    let last = '';
    const show = (step: Step) => {
      const reached = `${step.work} ${Math.floor(shareOf(step) * 10)}`;
      if (reached !== last) stream.write(`${describeStep(step)}\n`);
      last = reached;
    };
    return { show, end: () => {} };
  }
  return {
    show: (step) => {
      const bar = '#'.repeat(Math.floor(shareOf(step) * BAR_WIDTH)).padEnd(BAR_WIDTH);
      stream.write(`${CLEAR_LINE}[${bar}] ${describeStep(step)}`);
    },
    end: () => stream.write(CLEAR_LINE),
  };
}

function describeStep(step: Step): string {
  const percent = Math.floor(shareOf(step) * 100);
  return `${step.work}: ${percent} % (${formatCount(step.done)} of ${formatCount(step.total)} rows)`;
}

function shareOf({ done, total }: Step): number {
  return total === 0 ? 1 : Math.min(1, done / total);
}
