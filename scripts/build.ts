// Builds the content of the package in dist: src as a few JavaScript files, the types of what it exports, and the files
// that it reads at run time.
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { bundle } from './packages/bundle.ts';
import { bundleTypes } from './packages/types.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');
const target = join(root, 'dist');
const declarations = join(target, 'declarations');

/** Files that are started as they are: by `bin/latchkey.js`, and as threads. */
const STARTED = ['cli/main', 'platform/sql/sqlite/writing-thread', 'features/passwords/hashing/worker'];

const names = z.record(z.string(), z.string());
const manifest = z
  .object({
    exports: z.record(z.string(), z.object({ 'latchkey-source': z.string() }).or(z.string())),
    dependencies: names,
    peerDependencies: names,
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
const packages = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
await bundle({ source, target, entries: [...exported, ...STARTED], external: packages });
// Files in src that are not TypeScript are read at run time.
cpSync(source, target, { recursive: true, filter: (path) => !path.endsWith('.ts') });
console.log('The package is built in dist.');
