#!/usr/bin/env node
// A checkout runs its sources on the Node that it pins; the package runs what was built from them, on yours.
// This file must run on whatever Node is there, so that an old version can report what is wrong.
import { existsSync } from 'node:fs';

const OLDEST_NODE = [22, 16];
const [major, minor] = process.versions.node.split('.').map(Number);
const launcher = new URL('../scripts/launch.js', import.meta.url);

if (existsSync(launcher)) {
  const { launch } = await import(launcher.href);
  await launch('scripts/latchkey.ts', process.argv.slice(2));
} else if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  console.error(`Latchkey needs Node.js ${OLDEST_NODE.join('.')} or later; this is ${process.version}.`);
  process.exitCode = 1;
} else {
  const { main } = await import(new URL('../dist/cli/main.js', import.meta.url).href);
  await main(process.argv.slice(2));
}
