// Runs one of the project's programs on the Node that the project pins, after installing what is missing.
// This file must run on whatever Node is there: plain JavaScript, nothing imported but Node itself.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const OLDEST_NODE = 24;
const SHELL_CHECK_INTERVAL = 250;
const isNewEnough = Number.parseInt(process.versions.node, 10) >= OLDEST_NODE;
const isWindows = process.platform === 'win32';
const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = `${root}node_modules/.installed-lock`;
const pinnedNode = `${root}node_modules/node/bin/node${isWindows ? '.exe' : ''}`;

/** Runs a program of this checkout, named by its path from the root. Its signals, output and exit status are ours. */
export async function launch(program, words) {
  installWhatIsMissing();
  endWithTheShellOfNpm();
  keepWhatIsCompiled();
  if (isNewEnough) await runHere(`${root}${program}`, words);
  else runOnPinnedNode(`${root}${program}`, words);
}

// The lock file's hash tells whether what is installed is what it asks for; comparing costs a millisecond.
function installWhatIsMissing() {
  const wanted = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex');
  const isInstalled = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (isInstalled && (isNewEnough || existsSync(pinnedNode))) return;
  console.error('Installing the locked dependencies …');
  const words = ['ci', '--include=dev', '--no-fund', '--no-audit', '--loglevel=error'];
  // All of it goes to stderr: stdout is the program's own. On Windows npm is a batch file, which needs a shell.
  const options = { cwd: root, stdio: ['ignore', 2, 2], shell: isWindows };
  const { status } = spawnSync('npm', words, options);
  if (status !== 0) {
    console.error('The dependencies could not be installed; see above. Is the npm registry within reach?');
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

// Halves the time of a second start. In this checkout and not in the system's temporary folder, where others write. By
// the environment, as child processes and threads look there for theirs.
function keepWhatIsCompiled() {
  process.env.NODE_COMPILE_CACHE ??= `${root}node_modules/.cache/node`;
  module.enableCompileCache?.();
}

// npm starts us by way of a shell, and when somebody ends npm it ends that shell alone: we would go on unseen.
function endWithTheShellOfNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  const check = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(check);
    process.kill(process.pid, 'SIGTERM');
  }, SHELL_CHECK_INTERVAL);
  check.unref();
}

async function runHere(file, words) {
  process.argv = [process.argv[0], file, ...words];
  await import(pathToFileURL(file).href);
}

function runOnPinnedNode(file, words) {
  const child = spawn(pinnedNode, [...process.execArgv, file, ...words], { stdio: 'inherit' });
  const handOn = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, handOn);
  child.on('error', (error) => {
    console.error(`The Node.js that npm installs for this project cannot be started (${error.message}).`);
    console.error('Is npm kept from running install scripts? See: npm config get ignore-scripts');
    process.exit(1);
  });
  child.on('exit', (status, signal) => {
    if (signal === null) process.exit(status);
    // Whoever started us is to see what ended the program: an exit status of our own would hide it.
    for (const handled of signals) process.off(handled, handOn);
    process.kill(process.pid, signal);
  });
}
