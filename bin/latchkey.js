#!/usr/bin/env node
// A checkout runs its sources on the Node that it pins; the package runs what was built from them, on yours.
// This file must run on whatever Node is there, so that an old version can report what is wrong.
import { existsSync } from 'node:fs';

const OLDEST_NODE = 24;
const launcher = new URL('../scripts/launch.js', import.meta.url);

if (existsSync(launcher)) {
  const { launch } = await import(launcher.href);
  await launch('scripts/latchkey.ts', process.argv.slice(2));
} else if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  console.error(`Latchkey needs Node.js ${OLDEST_NODE} or later; this is ${process.version}.`);
  process.exitCode = 1;
} else {
  const { main } = await import(new URL('../dist/cli/main.js', import.meta.url).href);
  await main(process.argv.slice(2));
}
