// Builds the content of the package in dist: src as JavaScript with its types, and the files that it reads at run time.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');
const target = join(root, 'dist');

// The package must not contain a file of an earlier build whose source has been deleted.
rmSync(target, { recursive: true, force: true });
const compiler = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'];
const { status } = spawnSync(process.execPath, compiler, { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
// Files in src that are not TypeScript are read at run time.
cpSync(source, target, { recursive: true, filter: (path) => !path.endsWith('.ts') });
console.log('The package is built in dist.');
