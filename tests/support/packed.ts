import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type ProgramOptions, runProgram } from './program.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const manifest = z
  .object({ version: z.string(), files: z.array(z.string()), dependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));

/** An application's folder in which the package is installed as npm would do it. */
export type Installation = {
  readonly folder: string;
  readonly version: string;
  /** The paths of the files in the package. */
  readonly files: readonly string[];
};

/** Builds and packs a copy of this checkout, and installs the result beside this checkout's dependencies. */
export async function installPackage(): Promise<Installation & Disposable> {
  const temporary = temporaryFolder();
  const tarball = await pack(temporary);
  const folder = join(temporary.path, 'application');
  const target = join(folder, 'node_modules', 'latchkey');
  mkdirSync(target, { recursive: true });
  const listing = await run(['-tzf', tarball], { folder, command: 'tar' });
  await run(['-xzf', tarball, '-C', target, '--strip-components=1'], { folder, command: 'tar' });
  linkDependencies(folder);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  const files = listing
    .trim()
    .split('\n')
    .map((path) => path.replace(/^package\//, ''));
  return { folder, version: manifest.version, files, [Symbol.dispose]: temporary[Symbol.dispose] };
}

/** Runs a program to its good end. @returns what it wrote to stdout */
export async function run(words: readonly string[], options: ProgramOptions): Promise<string> {
  const { status, stdout, stderr } = await runProgram(words, options);
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

async function pack(temporary: TemporaryFolder): Promise<string> {
  const folder = join(temporary.path, 'checkout');
  const shipped = manifest.files.map((file) => (file.startsWith('docs/') ? 'docs' : file));
  for (const file of ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'src', 'scripts', ...shipped]) {
    // What was built here before must not be taken for what the build makes.
    if (file !== 'dist' && existsSync(join(root, file)))
      cpSync(join(root, file), join(folder, file), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  await run(['scripts/build.ts'], { folder });
  await run(['pack', '--ignore-scripts', '--offline', '--pack-destination', temporary.path], {
    folder,
    command: 'npm',
  });
  return join(temporary.path, `latchkey-${manifest.version}.tgz`);
}

function linkDependencies(folder: string): void {
  for (const name of [...Object.keys(manifest.dependencies), '@types/node']) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link);
  }
  const commands = join(folder, 'node_modules', '.bin');
  mkdirSync(commands);
  symlinkSync('../latchkey/bin/latchkey.js', join(commands, 'latchkey'));
}
