// Builds the package create-latchkey: its command, and a template from each folder of examples/.
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { writeTemplates } from './packages/templates.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'packages/create-latchkey');

for (const name of ['dist', 'templates']) rmSync(join(folder, name), { recursive: true, force: true });
await build({
  entryPoints: [join(folder, 'src/main.ts')],
  outfile: join(folder, 'dist/main.js'),
  bundle: true,
  platform: 'node',
  target: 'node22.18',
  format: 'esm',
  logLevel: 'warning',
});
writeTemplates(root, join(folder, 'templates'));
copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
console.log('The package create-latchkey is built in packages/create-latchkey.');
