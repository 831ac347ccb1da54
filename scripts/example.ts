// Serves one of the examples: npm run example express
import { existsSync } from 'node:fs';

const [name = 'hono'] = process.argv.slice(2);
const main = new URL(`../examples/${name}/main.ts`, import.meta.url);
if (!existsSync(main)) {
  console.error(`There is no example ${JSON.stringify(name)}; see examples/.`);
  process.exit(1);
}
await import(main.href);
