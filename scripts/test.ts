// Everything that must hold: types, lint, and every test. The last line counts them.
//   npm test                    all of it
//   npm test -- FILE ...        the tests in these files alone, with all that they need
//   npm run test:quick          what needs nothing but Node, and half a minute
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const isQuick = process.argv.includes('--quick');
const chosen = process.argv.slice(2).filter((word) => !word.startsWith('-'));

// What one process has parsed, the next hundred need not: it saves a fifth of the time.
process.env['NODE_COMPILE_CACHE'] ??= `${root}node_modules/.cache/node`;

// What needs more than Node: a browser, other programs' servers, or an installation.
const NEEDS_MORE = [
  'tests/journeys/**/*.test.ts',
  'tests/nodes/**/*.test.ts',
  'tests/proxies/**/*.test.ts',
  'tests/databases/outage.test.ts',
  'tests/databases/tls.test.ts',
  'tests/databases/wrong-urls.test.ts',
  'tests/doctor/**/*.test.ts',
  'tests/process/durability.test.ts',
  'tests/process/opensmtpd.test.ts',
  'tests/package.test.ts',
];

// What would make a quick run last longer than half a minute: it starts processes, or a whole system for each promise.
const TAKES_LONGER = [
  'tests/attacks/**/*.test.ts',
  'tests/databases/**/*.test.ts',
  'tests/process/**/*.test.ts',
  'tests/tls/**/*.test.ts',
  'src/cli/copy.test.ts',
  'src/cli/user/*.test.ts',
  'src/cli/mail/*.test.ts',
  'src/core/mail/delivery.test.ts',
  'src/core/database/copy/*.test.ts',
];

type Count = { passed: number; failed: number };

function check(name: string, words: readonly string[]): Count {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' });
  const isRight = status === 0;
  console.log(`${isRight ? '✔' : '✖'} ${name}`);
  if (!isRight) console.log(stdout + stderr);
  return isRight ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

function testFiles(): string[] {
  if (chosen.length > 0) return chosen;
  const all = globSync(['src/**/*.test.ts', 'tests/**/*.test.ts'], { cwd: root });
  const left = isQuick ? globSync([...NEEDS_MORE, ...TAKES_LONGER], { cwd: root }) : [];
  return all.filter((file) => !left.includes(file)).sort();
}

async function runTests(): Promise<Count> {
  // Until the summary is there, something is wrong; and so it is when nothing was tested.
  const count = { passed: 0, failed: 1 };
  const stream = run({
    files: testFiles(),
    cwd: root,
    concurrency: 2,
    // No file takes half as long; one that hangs must not hold up the rest for ever.
    timeout: 300_000,
    execArgv: ['--conditions=latchkey-source'],
  });
  stream.on('test:summary', ({ file, counts }) => {
    if (file !== undefined) return;
    count.passed = counts.passed;
    // What was left out did not pass.
    count.failed = Math.max(counts.tests - counts.passed, counts.tests === 0 ? 1 : 0);
  });
  stream.compose(spec).pipe(process.stdout, { end: false });
  await new Promise((resolve) => stream.once('close', resolve));
  return count;
}

async function runWithAllThatIsNeeded(): Promise<readonly Count[]> {
  if (isQuick) return [await runTests()];
  const { provide } = await import('./provide/provide.ts');
  const { passed, failed, environment, stop } = await provide();
  // The test files are processes of their own, which inherit it.
  Object.assign(process.env, environment);
  try {
    return [{ passed, failed }, await runTests()];
  } finally {
    await stop();
  }
}

const checks =
  chosen.length > 0
    ? []
    : [
        check('types', ['node_modules/typescript/bin/tsc', '-p', '.']),
        check('lint and format', ['node_modules/@biomejs/biome/bin/biome', 'ci', '--colors=off']),
      ];
const counts = [...checks, ...(await runWithAllThatIsNeeded())];
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
process.exitCode = failed === 0 ? 0 : 1;
process.stdout.write('', () => console.log(`${passed} passed, ${failed} failed`));
