#!/usr/bin/env node
// A checkout runs its sources; the package runs what was built from them.
import { existsSync } from 'node:fs';

const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  console.error(`Latchkey needs Node.js 24 or later; this is ${process.version}.`);
  process.exit(1);
}
const source = new URL('../src/cli/main.ts', import.meta.url);
const built = new URL('../dist/cli/main.js', import.meta.url);
const { main } = await import((existsSync(source) ? source : built).href);
await main(process.argv.slice(2));
