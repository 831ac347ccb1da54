// Builds the content of the package in dist: src as a few JavaScript files, the types of what it exports, and the files
// that it reads at run time.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { buildCode } from './packages/code.ts';
import { bundleTypes } from './packages/types.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'dist');
const declarations = join(target, 'declarations');

const manifest = z
  .object({
    exports: z.record(z.string(), z.object({ 'latchkey-source': z.string() }).or(z.string())),
  })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
const exported = Object.values(manifest.exports).flatMap((entry) =>
  typeof entry === 'string' ? [] : [entry['latchkey-source'].replace(/^\.\/src\/|\.ts$/g, '')],
);

// The package must not contain a file of an earlier build whose source has been deleted.
rmSync(target, { recursive: true, force: true });
const compiler = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--emitDeclarationOnly'];
const { status } = spawnSync(process.execPath, [...compiler, '--outDir', declarations], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
await bundleTypes({ declarations, target, entries: exported });
rmSync(declarations, { recursive: true });
await buildCode(root, target, exported);
console.log('The package is built in dist.');
