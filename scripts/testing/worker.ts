// Runs test files one after the other in one process, as the runner sends them: the system is loaded once instead of
// once per file. Each file is a test of its own, so that it has its own hooks.
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { FILE_TIMEOUT, type ToWorker } from './messages.ts';

const nextFile = fileInbox();

await test('the files of this worker', async () => {
  for (let file = await nextFile(); file !== null; file = await nextFile()) {
    const { href } = pathToFileURL(file);
    await test(file, { timeout: FILE_TIMEOUT }, async () => {
      await import(href);
    });
  }
  // Handles that tests leave open must not keep the worker running.
  process.exit();
});

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
