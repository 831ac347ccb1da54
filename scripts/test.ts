// Runs every check: types, lint, and every test. The last line counts them.
// npm test                  all tests; those that depend on the database on every engine, the rest on SQLite;
//                           without those that install a framework
// npm test -- FILE ...      only these test files, with what they need
// npm run test:full         every test on every engine
// npm run test:quick        tests that need only Node, in less than 20 seconds
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { everyEngine, needsMore, onGalera, onlyInFull, slow, startFirst } from '../tests/tiers.ts';
import type { Provided } from './provide/provide.ts';
import { buildProgram } from './testing/built-program.ts';
import { memoryFolder } from './testing/memory-folder.ts';
import { type Environment, type FileRun, runFiles, type TestFile } from './testing/pool.ts';
import { type Count, countOf, fileLines, slowestLines, testLines } from './testing/report.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const isQuick = process.argv.includes('--quick');
const isFull = process.argv.includes('--full');
const chosen = process.argv.slice(2).filter((word) => !word.startsWith('-'));

if (isFull) process.env['TEST_ON_EVERYTHING'] = '1';
/** Whether the files of `onGalera` run on a Galera cluster, too. */
const hasGalera = isFull || process.env['TEST_ON_CLUSTERS'] === '1';
const memory = memoryFolder();
if (memory !== null) process.env['TMPDIR'] ??= memory;

/** Two more than the cores: tests spend much of their time waiting for a server, a disk or a browser. */
const WORKERS = availableParallelism() + 2;

async function check(name: string, words: readonly string[]): Promise<Count> {
  const child = spawn(process.execPath, words, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const [status] = await once(child, 'close');
  console.log(`${status === 0 ? '✔' : '✖'} ${name}`);
  if (status !== 0) console.log(output);
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

function checks(): readonly Promise<Count>[] {
  if (chosen.length > 0) return [];
  return [
    check('types', ['node_modules/typescript/bin/tsc', '-p', '.']),
    check('lint and format', ['node_modules/@biomejs/biome/bin/biome', 'ci', '--colors=off']),
  ];
}

const matching = (patterns: readonly string[]): ReadonlySet<string> =>
  new Set(globSync([...patterns], { cwd: root }));

function chosenPaths(): readonly string[] {
  if (chosen.length > 0) return chosen;
  const left = matching(isFull ? [] : isQuick ? [...needsMore, ...slow, ...onlyInFull] : onlyInFull);
  return [...matching(['src/**/*.test.ts', 'tests/**/*.test.ts'])].filter((path) => !left.has(path));
}

/** On SQLite alone there are no servers in the environment. */
const SQLITE_ALONE: Environment = {};

/** Every file with its environment; the slowest files come first. */
function testFiles(providing: Promise<Provided | null>): readonly TestFile[] {
  const [onServers, more, first] = [everyEngine, needsMore, startFirst].map(matching);
  const sqlite = Promise.resolve(SQLITE_ALONE);
  // One object for all, so that files can share a process.
  const sqliteWithMore = providing.then(() => SQLITE_ALONE);
  const cluster = providing.then((provided) => provided?.environment ?? SQLITE_ALONE);
  const servers = cluster.then(({ TEST_ON_GALERA: _, ...environment }): Environment => environment);
  const clustered = matching(onGalera);
  const serversOf = (path: string) => (clustered.has(path) ? cluster : servers);
  const isOnServers = (path: string) => !isQuick && (isFull || onServers?.has(path) === true);
  const weight = (path: string) =>
    statSync(`${root}${path}`).size * (isOnServers(path) ? 3 : 1) + (first?.has(path) === true ? 1e6 : 0);
  return [...chosenPaths()]
    .sort((one, other) => weight(other) - weight(one))
    .map((path) => ({
      path,
      environment: isOnServers(path) ? serversOf(path) : more?.has(path) === true ? sqliteWithMore : sqlite,
    }));
}

async function runTests(providing: Promise<Provided | null>): Promise<Count> {
  const runs: FileRun[] = [];
  const print = (lines: readonly string[]) => {
    for (const line of lines) console.log(line);
  };
  const files = testFiles(providing);
  await runFiles(files, {
    root,
    workers: WORKERS,
    onResult: (_, result) => chosen.length > 0 && print(testLines(result)),
    onFile: (run) => {
      runs.push(run);
      print(chosen.length > 0 ? fileLines(run).slice(0, 1) : fileLines(run));
    },
  });
  if (chosen.length === 0 && !isFull)
    print(['', `Only npm run test:full runs these: ${[...matching(onlyInFull)].join(', ')}`]);
  print(['', 'The slowest files:', ...slowestLines(runs), '']);
  const count = countOf(runs);
  // A run without any test proves nothing.
  return files.length === 0 ? { ...count, failed: count.failed + 1 } : count;
}

async function provideWhatIsNeeded(): Promise<Provided | null> {
  const onServers = matching(everyEngine);
  const isAll = chosen.length === 0;
  if (isQuick || !(isAll || isFull || chosen.some((path) => onServers.has(path)))) return null;
  const { provide } = await import('./provide/provide.ts');
  // A single file starts the tools that it needs itself.
  return provide({ tools: isAll, galera: hasGalera });
}

const providing = provideWhatIsNeeded();
const checking = checks();
// A single file starts what the checkout contains, which takes no time to build.
if (chosen.length === 0 && !isQuick) process.env['TEST_PROGRAM'] = await buildProgram(root);
const counts = [
  ...checking,
  runTests(providing),
  providing.then((provided) => provided ?? { passed: 0, failed: 0 }),
];
const all = await Promise.all(counts);
await (await providing)?.stop();
const passed = all.reduce((sum, count) => sum + count.passed, 0);
const failed = all.reduce((sum, count) => sum + count.failed, 0);
process.exitCode = failed === 0 ? 0 : 1;
process.stdout.write('', () => console.log(`${passed} passed, ${failed} failed`));
