import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FILE_TIMEOUT, type FromWorker, type TestResult, type ToWorker } from './messages.ts';

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));
const REPORTER = new URL('reporter.ts', import.meta.url).href;
const WITHOUT_PROMISE_HOOKS = new URL('without-promise-hooks.ts', import.meta.url).href;

/** A worker ends a file that takes too long (`FILE_TIMEOUT`); a worker that cannot do that is killed. Milliseconds. */
const MAX_MILLISECONDS = FILE_TIMEOUT + 30_000;
const TIME_TO_END = 10_000;

export type TestFile = {
  readonly path: string;
  /** Variables that are added to the environment of its process, once the servers that it needs are running. */
  readonly environment: Promise<Environment>;
};

/** Files with the same object can share a process. */
export type Environment = Readonly<Record<string, string>>;

type ReadyFile = TestFile & { readonly given: Environment };

/** A file that was run to its end. */
export type FileRun = {
  readonly path: string;
  readonly milliseconds: number;
  readonly results: readonly TestResult[];
};

type Watch = {
  readonly onResult: (file: string, result: TestResult) => void;
  readonly onFile: (run: FileRun) => void;
};

type Options = Watch & {
  /** The number of processes that run at once. */
  readonly workers: number;
  readonly root: string;
};

/** Runs every file in a few processes that files share, in the given order as far as their environments are ready. */
export async function runFiles(files: readonly TestFile[], options: Options): Promise<void> {
  const queue = createQueue(files);
  const runs = Array.from({ length: Math.min(options.workers, files.length) }, () =>
    runQueue(queue, options),
  );
  await Promise.all(runs);
}

/** Returns the next file: the first one that is ready, preferably one that can run in the current process. */
function createQueue(files: readonly TestFile[]) {
  const waiting = new Map<TestFile, Environment | null>(files.map((file) => [file, null]));
  const arrivals = new Map(
    files.map((file) => [file, file.environment.then((given) => void waiting.set(file, given))]),
  );
  return async (current: Environment | null): Promise<ReadyFile | null> => {
    while (waiting.size > 0) {
      const ready = [...waiting].flatMap(([file, given]) =>
        given === null ? [] : [{ ...file, given, file }],
      );
      const next = ready.find(({ given }) => given === current) ?? ready[0];
      if (next !== undefined) {
        waiting.delete(next.file);
        return next;
      }
      await Promise.race([...waiting.keys()].map((file) => arrivals.get(file)));
    }
    return null;
  };
}

type Take = ReturnType<typeof createQueue>;

/** Runs one file after the other; the process is reused as long as files can share it. */
async function runQueue(take: Take, options: Options): Promise<void> {
  let worker: TestWorker | null = null;
  let current: Environment | null = null;
  for (let file = await take(current); file !== null; file = await take(current)) {
    if (worker !== null && (file.given !== current || worker.hasEnded())) {
      await worker.end();
      worker = null;
    }
    worker ??= startWorker(options.root, file.given);
    current = file.given;
    options.onFile(await worker.run(file.path, options.onResult));
  }
  await worker?.end();
}

type TestWorker = {
  readonly run: (file: string, onResult: Watch['onResult']) => Promise<FileRun>;
  readonly hasEnded: () => boolean;
  readonly end: () => Promise<void>;
};

function startWorker(root: string, environment: Environment): TestWorker {
  const child = fork(WORKER, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [
      '--conditions=latchkey-source',
      `--import=${WITHOUT_PROMISE_HOOKS}`,
      `--test-reporter=${REPORTER}`,
      '--test-reporter-destination=stdout',
    ],
  });
  const ended = Promise.withResolvers<string>();
  child.once('exit', (status, signal) => ended.resolve(signal ?? `exit status ${status}`));
  let isEnded = false;
  void ended.promise.then(() => {
    isEnded = true;
  });
  return {
    hasEnded: () => isEnded,
    run: (file, onResult) => runFile(child, ended.promise, file, onResult),
    end: async () => {
      sendFile(child, null);
      const killer = setTimeout(() => child.kill('SIGKILL'), TIME_TO_END);
      await ended.promise;
      clearTimeout(killer);
    },
  };
}

async function runFile(
  child: ChildProcess,
  ended: Promise<string>,
  file: string,
  onResult: Watch['onResult'],
): Promise<FileRun> {
  const begin = performance.now();
  const results: TestResult[] = [];
  const add = (result: TestResult) => {
    results.push(result);
    onResult(file, result);
  };
  const done = Promise.withResolvers<null>();
  const listen = (message: FromWorker) => {
    if (message.file !== file) return;
    add(message.result);
    // The file itself ends last.
    if (message.result.titles.length === 0) done.resolve(null);
  };
  child.on('message', listen);
  const killer = setTimeout(() => child.kill('SIGKILL'), MAX_MILLISECONDS);
  sendFile(child, file);
  const end = await Promise.race([done.promise, ended]);
  clearTimeout(killer);
  child.off('message', listen);
  if (end !== null) add(failure(`its process ended before it: ${end}`));
  if (!results.some(({ isSuite }) => !isSuite)) add(failure('it holds no test'));
  return { path: file, milliseconds: performance.now() - begin, results };
}

function failure(error: string): TestResult {
  return { titles: [], isSuite: true, hasPassed: false, milliseconds: 0, error };
}

function sendFile(child: ChildProcess, file: string | null): void {
  // A worker that dies at this moment is reported when its exit is seen.
  if (child.connected) child.send({ file } satisfies ToWorker, () => {});
}
