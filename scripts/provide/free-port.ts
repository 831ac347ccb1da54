import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Below the ports that the kernel gives to outgoing connections (ip_local_port_range).
const FIRST = 12_000;
const LAST = 32_000;

const folder = join(tmpdir(), 'latchkey-ports');
const claimed = new Set<string>();

/**
 * A port of this machine that is free on every loopback address, and is given to no other test until this process ends:
 * a server that a test stops and starts again finds its port free.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (claim(port) && (await isFree('127.0.0.1', port)) && (await isFree('::1', port))) return port;
  }
}

/** Creates the file that says which process has a port; one of a process that has ended counts no more. */
function claim(port: number): boolean {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${port}`);
  try {
    writeFileSync(path, `${process.pid}`, { flag: 'wx' });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    if (!isOfEndedProcess(path)) return false;
    rmSync(path, { force: true });
    return claim(port);
  }
  if (claimed.size === 0) process.once('exit', releaseAll);
  claimed.add(path);
  return true;
}

function isOfEndedProcess(path: string): boolean {
  try {
    process.kill(Number(readFileSync(path, 'utf8')), 0);
    return false;
  } catch (error) {
    return hasCode(error, 'ESRCH');
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function releaseAll(): void {
  for (const path of claimed) rmSync(path, { force: true });
}

/** Listens for a moment. A machine without the address has no listener either. */
async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (error) {
    return !hasCode(error, 'EADDRINUSE');
  }
  server.close();
  await once(server, 'close');
  return true;
}
