import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server of our own, on a free port, with its data in a temporary folder. */
export type PrivateServer = { readonly url: string; readonly stop: () => Promise<void> };

/** Who a server runs as: database servers refuse to be root. */
export type RunAs = { readonly uid?: number; readonly gid?: number };

/** A user without rights where this one is root, else this one. */
export function unprivileged(): RunAs {
  if (process.getuid?.() !== 0) return {};
  const idOf = (option: string) => Number(spawnSync('id', [option, 'nobody'], { encoding: 'utf8' }).stdout);
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** A folder that only this server uses. */
export function privateFolder(name: string, { uid, gid }: RunAs): string {
  const folder = mkdtempSync(join(tmpdir(), `latchkey-${name}-`));
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  return folder;
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

/** Runs a program to its end. @throws {Error} with what it wrote, when it fails */
export function runToEnd(program: string, words: readonly string[], runAs: RunAs, folder: string): void {
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    ...runAs,
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? ''}${stdout}${stderr}`);
}

export type ServerCommand = {
  readonly program: string;
  readonly words: readonly string[];
  readonly runAs: RunAs;
  readonly folder: string;
  readonly port: number;
};

/**
 * Starts a server and waits until it takes connections.
 * @returns how to stop it and remove its folder
 * @throws {Error} with what it wrote, when it ends first
 */
export async function startServer({ program, words, runAs, folder, port }: ServerCommand) {
  const child = spawn(program, words, { ...runAs, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-10_000);
    });
  }
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${program} ended: ${output}`);
  });
  ended.catch(() => {});
  // Whatever becomes of the tests, no server outlives them.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  await Promise.race([ended, takesConnections(port)]);
  return async () => {
    process.off('exit', kill);
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
}

async function takesConnections(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGQUIT');
  child.kill('SIGTERM');
  await ended;
}
