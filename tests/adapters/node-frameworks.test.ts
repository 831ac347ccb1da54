import { fileURLToPath } from 'node:url';
import { describeAdapter } from './contract.ts';

/** Their examples need nothing but the dependencies of this project. */
for (const name of ['node', 'express', 'fastify', 'hono']) {
  const main = fileURLToPath(new URL(`../../examples/${name}/main.ts`, import.meta.url));
  describeAdapter({ name, args: ['--conditions=latchkey-source', main] });
}
