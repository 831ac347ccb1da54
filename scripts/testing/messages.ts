/** What the runner tells a worker: the next file, by its path from the project's root, or that there is none left. */
export type ToWorker = { readonly file: string | null };

/** One test or suite that has ended. */
export type TestResult = {
  /** From the outermost suite of its file to its own title. */
  readonly titles: readonly string[];
  readonly isSuite: boolean;
  readonly hasPassed: boolean;
  readonly milliseconds: number;
  /** The error with its stack; null where it passed, or where only its parts failed. */
  readonly error: string | null;
};

export type FromWorker = { readonly file: string; readonly result: TestResult };
