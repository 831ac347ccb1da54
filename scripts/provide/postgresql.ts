import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  freePort,
  type PrivateServer,
  privateFolder,
  runToEnd,
  startServer,
  unprivileged,
} from './private-server.ts';
import { programPath } from './system-packages.ts';

const VERSIONS = '/usr/lib/postgresql';

/** Starts a PostgreSQL of our own; the user in its URL may do everything. @throws {Error} saying how to get it */
export async function startPostgresql(): Promise<PrivateServer> {
  const initdb = programPath({
    name: 'PostgreSQL',
    program: 'initdb',
    folders: newestFirst(),
    package: 'postgresql',
  });
  const runAs = unprivileged();
  const folder = privateFolder('postgresql', runAs);
  const data = join(folder, 'data');
  const port = await freePort();
  runToEnd(
    initdb,
    ['-D', data, '-U', 'latchkey', '--auth=trust', '--encoding=UTF8', '--locale=C', '-N'],
    runAs,
    folder,
  );
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '300',
    // A crash of the machine may lose a test’s database; the promises about crashes are tested on purpose.
    fsync: 'off',
  };
  const words = [
    '-D',
    data,
    '-p',
    `${port}`,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const stop = await startServer({ program: join(dirname(initdb), 'postgres'), words, runAs, folder, port });
  return { url: `postgres://latchkey@127.0.0.1:${port}/postgres`, stop };
}

function newestFirst(): readonly string[] {
  if (!existsSync(VERSIONS)) return [];
  const versions = readdirSync(VERSIONS).sort((one, other) => Number(other) - Number(one));
  return versions.map((version) => join(VERSIONS, version, 'bin'));
}
