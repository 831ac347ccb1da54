import { freePort } from './free-port.ts';
import { type PrivateServer, privateFolder, startServer, unprivileged } from './private-server.ts';
import { toolPath } from './system-packages.ts';

/** Starts a private instance of Redis. @throws {Error} saying how to install it */
export async function startRedis(): Promise<PrivateServer> {
  const command = toolPath({
    name: 'Redis',
    command: 'redis-server',
    folders: ['/usr/bin'],
    package: 'redis-server',
  });
  const runAs = unprivileged();
  const folder = privateFolder('redis', runAs);
  const port = await freePort();
  const args = [
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
    command,
    args,
    runAs,
    folder,
    readiness: 'Ready to accept connections',
  });
  return { ...server, url: `redis://127.0.0.1:${port}` };
}
