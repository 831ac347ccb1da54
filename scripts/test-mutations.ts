// Shows which defects the tests catch: applies one known defect after the other and runs the tests that could notice
// it.
//   npm run test:mutations                    every defect
// npm run test:mutations -- sessions guard  those whose path below tests/mutations contains one of these words
//   … -- --root=FOLDER                        the same defects in another checkout, with its tests
// A defect is a patch with a head: a sentence that describes it, the tests that could catch it, and `Engines: all`
// if SQLite alone cannot show it. A defect that no test catches is a failure.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { provide } from './provide/provide.ts';
import { type Environment, runFiles } from './testing/pool.ts';
import { countOf } from './testing/report.ts';

const here = fileURLToPath(new URL('..', import.meta.url));
const words = process.argv.slice(2);
const root = words.find((word) => word.startsWith('--root='))?.slice('--root='.length) ?? here;
const wanted = words.filter((word) => !word.startsWith('--'));

type Mutation = {
  readonly name: string;
  readonly patch: string;
  readonly sentence: string;
  readonly tests: readonly string[];
  readonly needsEngines: boolean;
};

function readMutation(name: string): Mutation {
  const patch = join(here, 'tests/mutations', name);
  const [sentence = '', tests = '', engines = ''] = readFileSync(patch, 'utf8').split('\n');
  return {
    name,
    patch,
    sentence,
    // Another checkout may lack some of the files.
    tests: tests
      .replace(/^Tests: /, '')
      .split(' ')
      .filter((path) => existsSync(join(root, path))),
    needsEngines: engines === 'Engines: all',
  };
}

/** A copy of the checkout in which defects can be made. */
function copyCheckout(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-mutation-'));
  for (const name of [
    'src',
    'tests',
    'scripts',
    'bin',
    'docs',
    'deploy',
    'examples',
    'bench',
    'package.json',
  ])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const file of globSync('*.{md,json}', { cwd: root })) cpSync(join(root, file), join(folder, file));
  symlinkSync(join(here, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

function applyPatch(folder: string, { name, patch }: Mutation, direction: readonly string[]): void {
  const { status, stderr } = spawnSync('git', ['apply', ...direction, patch], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() },
  });
  if (status !== 0) throw new Error(`${name} cannot be applied: ${stderr}`);
}

/** The test file that fails with the defect; null if none does. */
async function catchIn(folder: string, mutation: Mutation, environment: Environment): Promise<string | null> {
  for (const path of mutation.tests) {
    let failed = 0;
    await runFiles([{ path, environment: Promise.resolve(environment) }], {
      root: folder,
      workers: 1,
      onResult: () => {},
      onFile: (run) => {
        failed = countOf([run]).failed;
      },
    });
    if (failed > 0) return path;
  }
  return null;
}

const mutations = globSync('**/*.patch', { cwd: join(here, 'tests/mutations') })
  .filter((name) => wanted.length === 0 || wanted.some((word) => name.includes(word)))
  .sort()
  .map(readMutation);
const provided = mutations.some(({ needsEngines }) => needsEngines)
  ? await provide({ tools: false, galera: false })
  : null;
const rest = mutations.values();
let caught = 0;

async function lane(): Promise<void> {
  const folder = copyCheckout();
  try {
    for (const mutation of rest) {
      applyPatch(folder, mutation, []);
      const environment = mutation.needsEngines ? (provided?.environment ?? {}) : {};
      const path = await catchIn(folder, mutation, environment);
      applyPatch(folder, mutation, ['--reverse']);
      if (path !== null) caught += 1;
      console.log(`${path === null ? '✖' : '✔'} ${mutation.name}: ${path ?? mutation.sentence}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, lane));
await provided?.stop();
const survived = mutations.length - caught;
process.exitCode = survived === 0 && mutations.length > 0 ? 0 : 1;
console.log(`${caught} passed, ${survived} failed`);
