/** How long a test file may take, so that one that hangs does not delay the others for ever; in milliseconds. */
export const FILE_TIMEOUT = 900_000;

/** Sent by the runner to a worker: the next file, by its path from the root of the project, or null if none is left. */
export type ToWorker = { readonly file: string | null };

/** One test or suite that has ended. */
export type TestResult = {
  /** From the outermost suite of its file to its own title. */
  readonly titles: readonly string[];
  readonly isSuite: boolean;
  readonly hasPassed: boolean;
  readonly milliseconds: number;
  /** The error with its stack; null if it passed, or if only tests inside it failed. */
  readonly error: string | null;
};

export type FromWorker = { readonly file: string; readonly result: TestResult };
