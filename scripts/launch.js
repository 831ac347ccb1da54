// Runs a script of the project on the Node that the project pins, after installing missing dependencies.
// This file must run on any version of Node: plain JavaScript that imports only Node's own modules.
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

/**
 * Runs a script of this checkout, given by its path from the root, and passes on its signals, output and exit status.
 */
export async function launch(script, args) {
  installWhatIsMissing();
  endWithTheShellOfNpm();
  keepWhatIsCompiled();
  if (isNewEnough) await runInThisProcess(`${root}${script}`, args);
  else runOnPinnedNode(`${root}${script}`, args);
}

// The hash of the lock file shows whether the installed dependencies are the required ones; comparing takes a
// millisecond.
function installWhatIsMissing() {
  const wanted = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex');
  const isInstalled = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (isInstalled && (isNewEnough || existsSync(pinnedNode))) return;
  console.error('Installing the locked dependencies …');
  const args = ['ci', '--include=dev', '--no-fund', '--no-audit', '--loglevel=error'];
  // All output goes to stderr, because stdout belongs to the script. On Windows npm is a batch file, which needs a
  // shell.
  const options = { cwd: root, stdio: ['ignore', 2, 2], shell: isWindows };
  const { status } = spawnSync('npm', args, options);
  if (status !== 0) {
    console.error('The dependencies could not be installed; see above. Is the npm registry within reach?');
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

// Halves the time of a second start. In this checkout rather than the temporary folder of the system, where other users
// write. In the environment, because child processes and threads read it there.
function keepWhatIsCompiled() {
  process.env.NODE_COMPILE_CACHE ??= `${root}node_modules/.cache/node`;
  module.enableCompileCache?.();
}

// npm starts this process through a shell. When npm is ended it ends only that shell, and this process would remain.
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

async function runInThisProcess(file, args) {
  process.argv = [process.argv[0], file, ...args];
  await import(pathToFileURL(file).href);
}

function runOnPinnedNode(file, args) {
  const child = spawn(pinnedNode, [...process.execArgv, file, ...args], { stdio: 'inherit' });
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
    // The parent must see which signal ended the child process; an exit status would hide it.
    for (const handled of signals) process.off(handled, handOn);
    process.kill(process.pid, signal);
  });
}
