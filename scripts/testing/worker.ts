// Runs test files one after the other in one process, as the runner sends them: the system is loaded once instead of
// once per file. Each file is a test of its own, so that it has its own hooks.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { FILE_TIMEOUT, type FromWorker, type ToWorker } from './messages.ts';

// Loads in the same tick, by which node:test knows the file that tests belong to: there is no top-level await in them.
const load = createRequire(import.meta.url);
const nextFile = fileInbox();
let current = '';

// A runner that was killed sends nothing more.
process.on('disconnect', () => process.exit(1));
for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, reportUnhandled);

await test('the files of this worker', async (files) => {
  for (let file = await nextFile(); file !== null; file = await nextFile()) {
    current = file;
    const path = resolve(file);
    await files.test(file, { timeout: FILE_TIMEOUT }, () => void load(path));
  }
  // Handles that tests leave open must not keep the worker running.
  process.exit();
});

/** Fails the current file, also if the test that caused the error has ended. */
function reportUnhandled(error: unknown): void {
  const titles = ['an error that nothing handled'];
  const result = { titles, isSuite: true, hasPassed: false, milliseconds: 0, error: inspect(error) };
  process.send?.({ file: current, result } satisfies FromWorker);
}

/** Queues the messages of the runner until they are read. */
function fileInbox(): () => Promise<string | null> {
  const arrived: (string | null)[] = [];
  let notify = () => {};
  process.on('message', ({ file }: ToWorker) => {
    arrived.push(file);
    notify();
  });
  return async () => {
    while (arrived.length === 0) {
      await new Promise<void>((resolve) => {
        notify = resolve;
      });
    }
    return arrived.shift() ?? null;
  };
}
