import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildCode } from '../packages/code.ts';

/**
 * Builds the command as the package contains it, for the tests that start processes: it starts in half the CPU time that
 * the source takes. It lies in `node_modules`, where it finds its dependencies.
 * @param root the folder of the checkout
 * @returns the path of its `bin/latchkey.js`
 */
export async function buildProgram(root: string): Promise<string> {
  const folder = join(root, 'node_modules/.cache/program');
  rmSync(folder, { recursive: true, force: true });
  await buildCode(root, join(folder, 'dist'));
  for (const name of ['bin', 'package.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  return join(folder, 'bin/latchkey.js');
}
