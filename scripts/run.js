// Runs one of the project's programs on the Node that the project pins, after installing what is missing.
// This file alone must run on whatever Node is there: plain JavaScript, nothing imported but Node itself.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const OLDEST_NODE = 24;
const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = `${root}node_modules/.installed-lock`;
const pinnedNode = `${root}node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`;

const [program, ...words] = process.argv.slice(2);
installWhatIsMissing();
if (Number.parseInt(process.versions.node, 10) >= OLDEST_NODE) await runHere();
else runOnPinnedNode();

// The lock file's hash tells whether what is installed is what it asks for; comparing costs a millisecond.
function installWhatIsMissing() {
  const wanted = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(pinnedNode)) return;
  console.error('Installing the locked dependencies …');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const options = ['ci', '--include=dev', '--no-fund', '--no-audit', '--loglevel=error'];
  const { status } = spawnSync(npm, options, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error('The dependencies could not be installed; see above. Is the npm registry within reach?');
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

async function runHere() {
  const file = `${root}${program}`;
  process.argv = [process.argv[0], file, ...words];
  await import(pathToFileURL(file).href);
}

function runOnPinnedNode() {
  const child = spawn(pinnedNode, [`${root}${program}`, ...words], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (status, signal) => process.exit(signal === null ? status : 1));
}
