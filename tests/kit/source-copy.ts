import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Copies the source, so that a test can change its files. */
export function copySource(folder: string): void {
  for (const name of ['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
}

export const LANGUAGES = 'src/languages.ts';

/** Makes English the only language of a copy, whichever the source has. */
export function removeLanguages(folder: string): void {
  const path = join(folder, LANGUAGES);
  const english = readFileSync(path, 'utf8')
    .replaceAll(/^import [^;]* from '[^']*\/words\.[\w-]+\.ts';\n/gm, '')
    .replace('defineLanguage, ', '')
    .replace(/^(export const languages: Languages = )\[[^;]*\];$/m, '$1[english];');
  writeFileSync(path, english);
}

/** What the compiler reports about the source of a copy. @param files with what they import; without, all of it */
export function compile(folder: string, files?: readonly string[]): string {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const project = files === undefined ? 'tsconfig.build.json' : 'tsconfig.part.json';
  if (files !== undefined) {
    const part = { extends: './tsconfig.build.json', include: files };
    writeFileSync(join(folder, project), JSON.stringify(part));
  }
  return runNode(folder, [compiler, '-p', project, '--noEmit']).stdout;
}

/** Runs a program in the folder of a copy; returns what it prints. */
export function runProgram(folder: string, program: string): string {
  const { stdout, stderr } = runNode(folder, ['--input-type=module', '-e', program]);
  return stdout + stderr;
}

/** Runs a test file of a copy; returns what it reports, nothing if all tests pass. */
export function runTest(folder: string, path: string): string {
  const { status, stdout, stderr } = runNode(folder, ['--test', path]);
  return status === 0 ? '' : stdout + stderr;
}

function runNode(folder: string, parameters: readonly string[]) {
  // With it, a test runner would report to that of this process.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return spawnSync(process.execPath, parameters, { cwd: folder, env, encoding: 'utf8' });
}
