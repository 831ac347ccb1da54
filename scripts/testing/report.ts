import type { TestResult } from './messages.ts';
import type { FileRun } from './pool.ts';

export type Count = { readonly passed: number; readonly failed: number };

const SLOWEST = 10;

/** One line for a file, followed by the failed tests. */
export function fileLines({ path, milliseconds, results }: FileRun): readonly string[] {
  const { passed, failed } = countOf([{ path, milliseconds, results }]);
  const line = `${failed === 0 ? '✔' : '✖'} ${path} (${passed + failed} in ${seconds(milliseconds)})`;
  return [line, ...results.flatMap(failureLines)];
}

/** One line for a test, and its error if it failed. */
export function testLines(result: TestResult): readonly string[] {
  if (result.isSuite) return failureLines(result);
  const line = `  ✔ ${result.titles.join(' › ')} (${seconds(result.milliseconds)})`;
  return result.hasPassed ? [line] : failureLines(result);
}

export function slowestLines(runs: readonly FileRun[]): readonly string[] {
  const byTime = [...runs].sort((one, other) => other.milliseconds - one.milliseconds);
  return byTime
    .slice(0, SLOWEST)
    .map(({ path, milliseconds }) => `${seconds(milliseconds).padStart(8)}  ${path}`);
}

/** Tests, and suites that failed themselves: in a hook, or because their file could not be loaded. */
export function countOf(runs: readonly FileRun[]): Count {
  const results = runs.flatMap((run) => run.results);
  return {
    passed: results.filter(({ isSuite, hasPassed }) => !isSuite && hasPassed).length,
    failed: results.filter(isFailure).length,
  };
}

function isFailure({ isSuite, hasPassed, error }: TestResult): boolean {
  return !hasPassed && (!isSuite || error !== null);
}

function failureLines(result: TestResult): readonly string[] {
  if (!isFailure(result)) return [];
  const error = (result.error ?? 'a part of it failed').split('\n').map((line) => `      ${line}`);
  return [`  ✖ ${result.titles.join(' › ')} (${seconds(result.milliseconds)})`, ...error];
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
