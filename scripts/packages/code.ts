import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { bundle } from './bundle.ts';

/** Files that are started as they are: by `bin/latchkey.js`, and as threads. */
const STARTED = ['cli/main', 'platform/sql/sqlite/writing-thread', 'features/passwords/hashing/worker'];

const names = z.record(z.string(), z.string());
const manifestSchema = z.object({ dependencies: names, peerDependencies: names });

/**
 * Builds the code that `bin/latchkey.js` of a package runs: src as a few JavaScript files, and the files that it reads at
 * run time.
 * @param root the folder of the checkout
 * @param entries what can be imported besides, as paths in src without `.ts`
 */
export async function buildCode(
  root: string,
  target: string,
  entries: readonly string[] = [],
): Promise<void> {
  const source = join(root, 'src');
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const packages = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  await bundle({ source, target, entries: [...entries, ...STARTED], external: packages });
  // Files in src that are not TypeScript are read at run time.
  cpSync(source, target, { recursive: true, filter: (path) => !path.endsWith('.ts') });
}
