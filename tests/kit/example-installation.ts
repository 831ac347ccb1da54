import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { pack, run } from './processes.ts';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));

/** An example application with its framework. */
export type ExampleInstallation = {
  readonly folder: string;
  /** Runs a file of an installed package, such as `vite/bin/vite.js`. */
  readonly runInstalled: (args: readonly string[], environment?: NodeJS.ProcessEnv) => Promise<string>;
};

/** For frameworks: too large for a temporary folder in memory. */
const ON_DISK = '/var/tmp';

/** Installs an example as a developer does it: with the packed package, and the rest from the registry. */
export async function installExample(name: string): Promise<ExampleInstallation & Disposable> {
  const path = mkdtempSync(join(ON_DISK, 'latchkey-example-'));
  const remove = () => rmSync(path, { recursive: true, force: true });
  const tarball = await pack({ path, [Symbol.dispose]: remove });
  const folder = join(path, name);
  cpSync(join(examples, name), folder, { recursive: true });
  const manifestPath = join(folder, 'package.json');
  const manifest = z
    .looseObject({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(manifestPath, 'utf8')));
  manifest.dependencies['latchkey'] = `file:${tarball}`;
  writeFileSync(manifestPath, JSON.stringify(manifest));
  await run(['install', '--no-audit', '--no-fund'], { folder, command: 'npm', environment: NPM });
  const runInstalled = ([file = '', ...args]: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
    run([join('node_modules', file), ...args], { folder, environment });
  return { folder, runInstalled, [Symbol.dispose]: remove };
}

/** npm starts with the Node.js of the tests, whose version decides which releases it installs. */
const NPM = { PATH: `${dirname(process.execPath)}:${process.env['PATH']}` };
