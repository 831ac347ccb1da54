import { readFileSync } from 'node:fs';

/**
 * Reads a text file that is beside the code.
 * @throws {Error} with advice if it is missing, because the code was moved without its files
 */
export function readOwnFile(url: URL): string {
  try {
    return readFileSync(url, 'utf8');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw isMissing ? new Error(BUNDLED, { cause: error }) : error;
  }
}

const BUNDLED =
  'Latchkey has been bundled into another file, and does not find its own files and threads there. Leave it in ' +
  'node_modules: esbuild --external:latchkey, or external: ["latchkey"] of other bundlers; docs/runtimes.md.';
