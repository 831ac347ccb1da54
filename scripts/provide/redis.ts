import { freePort } from './free-port.ts';
import { type PrivateServer, privateFolder, startServer, unprivileged } from './private-server.ts';
import { programPath } from './system-packages.ts';

/** Starts a Redis of our own. @throws {Error} saying how to get it */
export async function startRedis(): Promise<PrivateServer> {
  const program = programPath({
    name: 'Redis',
    program: 'redis-server',
    folders: ['/usr/bin'],
    package: 'redis-server',
  });
  const runAs = unprivileged();
  const folder = privateFolder('redis', runAs);
  const port = await freePort();
  const words = [
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  const server = await startServer({
    program,
    words,
    runAs,
    folder,
    readiness: 'Ready to accept connections',
  });
  return { ...server, url: `redis://127.0.0.1:${port}` };
}
