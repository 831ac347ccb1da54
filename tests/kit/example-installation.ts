import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { pack, run } from './processes.ts';
import type { TemporaryFolder } from './temporary.ts';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));

/** An example application with its framework. */
export type ExampleInstallation = {
  readonly folder: string;
  /** Runs a file of an installed package, such as `vite/bin/vite.js`. */
  readonly runInstalled: (args: readonly string[], environment?: NodeJS.ProcessEnv) => Promise<string>;
};

/** A new folder on the disk: frameworks are too large for a temporary folder in memory. */
export function folderOnDisk(): TemporaryFolder {
  const path = mkdtempSync(join('/var/tmp', 'latchkey-example-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Installs an example as a developer does it: with the packed package, and the rest from the registry. */
export async function installExample(name: string): Promise<ExampleInstallation & Disposable> {
  const temporary = folderOnDisk();
  const tarball = await pack(temporary);
  const folder = join(temporary.path, name);
  cpSync(join(examples, name), folder, { recursive: true });
  await installWith(tarball, folder);
  const runInstalled = ([file = '', ...args]: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
    run([join('node_modules', file), ...args], { folder, environment });
  return { folder, runInstalled, [Symbol.dispose]: temporary[Symbol.dispose] };
}

/** Installs what an application depends on, with a tarball of the package. */
export async function installWith(tarball: string, folder: string): Promise<void> {
  const manifestPath = join(folder, 'package.json');
  const manifest = z
    .looseObject({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(manifestPath, 'utf8')));
  manifest.dependencies['latchkey'] = `file:${tarball}`;
  writeFileSync(manifestPath, JSON.stringify(manifest));
  await run(['install', '--no-audit', '--no-fund'], { folder, command: 'npm', environment: NPM });
}

/** npm starts with the Node.js of the tests, whose version decides which releases it installs. */
export const NPM = { PATH: `${dirname(process.execPath)}:${process.env['PATH']}` };

/** No framework reports that it was used. */
export const QUIET = {
  ASTRO_TELEMETRY_DISABLED: '1',
  NEXT_TELEMETRY_DISABLED: '1',
  NUXT_TELEMETRY_DISABLED: '1',
};
