// Sends the results of the tests of a worker to the runner as they arrive.
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';
import type { FromWorker, TestResult } from './messages.ts';

type Ended = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>;

/** The single outermost test of the worker, which has a subtest for each file. */
const FILE_LEVEL = 1;

export default async function* reporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const titles: string[] = [];
  for await (const event of events) {
    if (event.type === 'test:start')
      titles.splice(event.data.nesting, Number.POSITIVE_INFINITY, event.data.name);
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const file = titles[FILE_LEVEL];
    if (file === undefined || event.data.nesting < FILE_LEVEL) continue;
    titles.splice(event.data.nesting, Number.POSITIVE_INFINITY, event.data.name);
    send({ file, result: resultOf(event, titles.slice(FILE_LEVEL + 1)) });
  }
  yield '';
}

function resultOf({ type, data }: Ended, titles: readonly string[]): TestResult {
  const isLeftOut = data.skip !== undefined;
  return {
    titles,
    isSuite: data.details.type === 'suite' || data.nesting === FILE_LEVEL,
    hasPassed: type === 'test:pass' && !isLeftOut,
    milliseconds: data.details.duration_ms,
    error: type === 'test:fail' ? errorOf(data.details.error) : isLeftOut ? 'it was left out' : null,
  };
}

/** Null if a suite failed only because of its tests, which report their own errors. */
function errorOf(error: Error & { failureType?: string; cause?: unknown }): string | null {
  if (error.failureType === 'subtestsFailed') return null;
  return inspect(error.cause ?? error, { depth: 4, compact: false, breakLength: 110 });
}

function send(message: FromWorker): void {
  process.send?.(message);
}
