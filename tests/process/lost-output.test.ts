import assert from 'node:assert/strict';
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { until } from '../kit/clock.ts';
import { COMMAND, runCommands } from '../kit/processes.ts';
import { SECRET_KEY } from '../kit/system.ts';
import { freePort, temporaryFolder } from '../kit/temporary.ts';

const MAIN = new URL('../../src/cli/main.ts', import.meta.url).href;

/** Every verb that ends by itself and needs no other server, with each form of its output. */
const VERBS = [
  '--help',
  '--version',
  'user --help',
  'user list --help',
  'settings',
  'settings --json',
  'migrate --status',
  'migrate --status --json',
  'user list',
  'user list --json',
  'user show ada',
  'user roles ada',
  'user factors ada',
  'user disable ada',
  'audit tail',
  'audit tail --json -n 500',
  'audit verify',
  'mail list',
  'mail list --json',
  'invite list',
  'secret',
  'healthy',
  'backup copy.db',
  'user list --nonsense',
  'nonsense',
];

function start(folder: string, args: readonly string[], stdio: StdioOptions, environment: NodeJS.ProcessEnv) {
  return spawn(process.execPath, args, { cwd: folder, stdio, env: { ...process.env, ...environment } });
}

async function endOf(child: ChildProcess): Promise<{ status: number | null; stderr: string }> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  await once(child, 'close');
  return { status: child.exitCode, stderr };
}

async function answers(port: number): Promise<boolean> {
  const response = await fetch(`http://localhost:${port}/healthz`).catch(() => null);
  return response?.status === 200;
}

describe('a command whose reader has ended', () => {
  it('P78: goes on quietly to its end, whichever verb it is', async () => {
    using folder = temporaryFolder();
    const environment = { DATABASE_URL: 'sqlite:users.db', SECRET_KEY, LOG_LEVEL: 'silent' };
    await runCommands(folder.path, [['migrate'], ['user', 'create', 'ada']], environment);
    // All in one process, because loading the program takes longer than each of them.
    const program = `const { main } = await import(${JSON.stringify(MAIN)});
      const statuses = [];
      for (const line of ${JSON.stringify(VERBS)}) {
        process.exitCode = undefined;
        await main(line.split(' '), () => {});
        statuses.push(process.exitCode ?? 0);
      }
      process.exitCode = 0;
      await new Promise((resolve) => setImmediate(resolve));
      (await import('node:fs')).writeFileSync('statuses', statuses.join());`;
    const words = ['--conditions=latchkey-source', '--input-type=module', '-e', program];
    const child = start(folder.path, words, ['ignore', 'pipe', 'pipe'], environment);
    child.stdout?.destroy();
    const { status, stderr } = await endOf(child);
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(stderr, /EPIPE|Unhandled|\n {4}at /);
    const statuses = readFileSync(join(folder.path, 'statuses'), 'utf8').split(',').map(Number);
    assert.equal(statuses.length, VERBS.length);
    const found = await runCommands(
      folder.path,
      VERBS.map((line) => line.split(' ')),
      environment,
    );
    for (const [position, verb] of VERBS.entries())
      if (!verb.startsWith('backup') && verb !== 'user disable ada')
        assert.equal(statuses[position], found[position]?.status, `${verb}: ${found[position]?.stderr}`);
    assert.equal(statuses[VERBS.indexOf('backup copy.db')], 0);
  });

  it('says that its output cannot be written, where the disk is full', async () => {
    using folder = temporaryFolder();
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = await endOf(
      start(folder.path, [COMMAND, 'settings'], ['ignore', full, 'pipe'], {}),
    );
    closeSync(full);
    assert.equal(status, 1);
    assert.match(stderr, /^(?:The output cannot be written \(ENOSPC\)\.\n)+$/);
  });
});

describe('latchkey serve', () => {
  it('P78: serves without a reader of its log, from its first line on', async () => {
    using folder = temporaryFolder();
    const port = await freePort();
    const child = start(folder.path, [COMMAND, 'serve'], ['ignore', 'pipe', 'pipe'], { PORT: `${port}` });
    child.stdout?.destroy();
    const ended = endOf(child);
    await until('it serves', () => answers(port));
    child.kill('SIGHUP');
    const { status, stderr } = await ended;
    assert.deepEqual([status, stderr], [0, '']);
  });

  it('P78: serves while the disk of its log is full, and says so on stderr', async () => {
    using folder = temporaryFolder();
    const port = await freePort();
    const full = openSync('/dev/full', 'w');
    const child = start(folder.path, [COMMAND, 'serve'], ['ignore', full, 'pipe'], { PORT: `${port}` });
    closeSync(full);
    const ended = endOf(child);
    await until('it serves', () => answers(port));
    // A refused request is logged.
    assert.equal((await fetch(`http://127.0.0.1:${port}/login`, { method: 'POST' })).status, 403);
    assert.equal(await answers(port), true);
    child.kill('SIGTERM');
    const { status, stderr } = await ended;
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^\{"level":"error","time":"[^"]+","event":"log-not-written","code":"ENOSPC"\}\n$/);
  });
});
