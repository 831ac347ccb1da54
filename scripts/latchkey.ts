// The command line as a checkout runs it, straight from its sources.
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Halves the time of a second start. In this checkout and not in the system's temporary folder, where others write.
// By the environment, as threads look there for theirs; without it each would hold a TypeScript parser of its own.
process.env['NODE_COMPILE_CACHE'] = fileURLToPath(
  new URL('../node_modules/.cache/latchkey', import.meta.url),
);
enableCompileCache();

const { main } = await import('../src/cli/main.ts');
await main(process.argv.slice(2));
