// Runs test files one after the other in one process, as the runner hands them out: the system is loaded once and not
// once per file. Each file is a test of its own, so that its hooks are its own, too.
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { ToWorker } from './messages.ts';

/** No file takes a tenth of this; one that hangs must not hold up the others. Milliseconds. */
const TIMEOUT = 300_000;

const nextFile = fileInbox();

await test('the files of this worker', async () => {
  for (let file = await nextFile(); file !== null; file = await nextFile()) {
    const { href } = pathToFileURL(file);
    await test(file, { timeout: TIMEOUT }, async () => {
      await import(href);
    });
  }
  // What tests leave open must not keep it.
  process.exit();
});

/** Keeps what the runner sends until it is asked for. */
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
