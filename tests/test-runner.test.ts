import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type FileRun, runFiles } from '../scripts/testing/pool.ts';
import { countOf } from '../scripts/testing/report.ts';
import { temporaryFolder } from './kit/temporary.ts';

/** Runs test files in one worker, in this order. */
async function runInOneWorker(files: Readonly<Record<string, string>>): Promise<readonly FileRun[]> {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'package.json'), '{ "type": "module" }');
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(folder.path, name), `import { after, describe, it } from 'node:test';\n${text}`);
  const runs: FileRun[] = [];
  const environment = Promise.resolve({});
  await runFiles(
    Object.keys(files).map((path) => ({ path, environment })),
    { root: folder.path, workers: 1, onResult: () => {}, onFile: (run) => runs.push(run) },
  );
  return runs;
}

const errorsOf = ({ results }: FileRun) => results.flatMap(({ error }) => error ?? []);

const SUCCESS = `it('passes', () => {});`;

describe('a worker of the test runner', () => {
  it('reports each test under its file and its suites', async () => {
    const nested = `describe('outer', () => { describe('inner', () => { ${SUCCESS} }); });`;
    const [first, second] = await runInOneWorker({ 'first.js': nested, 'second.js': SUCCESS });
    const titlesOf = (run?: FileRun) =>
      run?.results.filter(({ isSuite }) => !isSuite).map(({ titles }) => titles.join(' › '));
    assert.deepEqual([first?.path, titlesOf(first)], ['first.js', ['outer › inner › passes']]);
    assert.deepEqual([second?.path, titlesOf(second)], ['second.js', ['passes']]);
  });

  it('runs the hooks of a file when that file ends', async () => {
    const runs = await runInOneWorker({
      'first.js': `globalThis.ended = []; after(() => ended.push('first')); ${SUCCESS}`,
      'second.js': `it('follows', () => { if (ended.join() !== 'first') throw new Error(ended.join()); });`,
    });
    assert.deepEqual(countOf(runs), { passed: 2, failed: 0 });
  });

  for (const [what, event, fault] of [
    ['throws', 'uncaughtException', `setImmediate(() => { throw new Error('too late'); });`],
    ['rejects', 'unhandledRejection', `setImmediate(() => void Promise.reject(new Error('too late')));`],
  ] as const) {
    it(`fails a file in which something ${what} after the end of its test`, async () => {
      const [run, next] = await runInOneWorker({
        'late.js': `const seen = new Promise((resolve) => process.once('${event}', resolve));
          it('ends early', () => { ${fault} });
          it('waits', () => seen);`,
        'next.js': SUCCESS,
      });
      assert.match(run === undefined ? '' : errorsOf(run).join(), /Error: too late/);
      assert.deepEqual(next && countOf([next]), { passed: 1, failed: 0 });
    });
  }

  it('fails a file that cannot be loaded, and one that ends its process, and runs the next one', async () => {
    const [broken, fatal, next] = await runInOneWorker({
      'broken.js': `await null;\n${SUCCESS}`,
      'fatal.js': `it('ends the process', () => process.exit(3));`,
      'next.js': SUCCESS,
    });
    assert.match(broken === undefined ? '' : errorsOf(broken).join(), /top-level await/);
    assert.match(
      fatal === undefined ? '' : errorsOf(fatal).join(),
      /its process ended before it: exit status 3/,
    );
    assert.deepEqual(next && countOf([next]), { passed: 1, failed: 0 });
  });

  it('ends with its runner, whatever its test waits for', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'endless.js');
    writeFileSync(
      file,
      `const { it } = require('node:test'); it('waits', () => new Promise(() => { process.send('waiting'); }));`,
    );
    const child = fork(fileURLToPath(new URL('../scripts/testing/worker.ts', import.meta.url)));
    const ended = once(child, 'exit');
    child.send({ file });
    await once(child, 'message');
    child.disconnect();
    assert.deepEqual(await ended, [1, null]);
  });
});
