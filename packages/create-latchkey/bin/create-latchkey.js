#!/usr/bin/env node
// This file must run on whatever Node is there, so that an old version can report what is wrong.
const OLDEST_NODE = [22, 18];
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  console.error(
    `An application with Latchkey needs Node.js ${OLDEST_NODE.join('.')} or later; this is ${process.version}.`,
  );
  process.exitCode = 1;
} else {
  const { main } = await import('../dist/main.js');
  await main(process.argv.slice(2));
}
