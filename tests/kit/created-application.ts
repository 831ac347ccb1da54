import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './processes.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Builds and packs the command in a copy of the checkout, and unpacks the tarball. @returns the file to run */
export async function installCreate(folder: string): Promise<string> {
  const checkout = join(folder, 'checkout');
  for (const path of ['package.json', 'LICENSE', 'scripts', 'examples', 'packages'])
    cpSync(join(root, path), join(checkout, path), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  await run(['scripts/build-create.ts'], { folder: checkout });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const packed = ['pack', '--ignore-scripts', '--offline', '--pack-destination', folder];
  await run(packed, { folder: join(checkout, 'packages/create-latchkey'), command: 'npm' });
  const target = join(folder, 'create-latchkey');
  mkdirSync(target);
  const tarball = join(folder, `create-latchkey-${version}.tgz`);
  await run(['-xzf', tarball, '-C', target, '--strip-components=1'], { folder, command: 'tar' });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  return join(target, 'bin/create-latchkey.js');
}
