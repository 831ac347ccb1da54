import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freePort } from './free-port.ts';
import {
  initialisedFolder,
  type PrivateServer,
  privateFile,
  privateFolder,
  type RunAs,
  runToEnd,
  type ServerTls,
  startServer,
  unprivileged,
} from './private-server.ts';
import { toolPath } from './system-packages.ts';

const VERSIONS = '/usr/lib/postgresql';

type Options = {
  /** The authentication method for every client; without it, every client is accepted. */
  readonly password?: string;
  /** Enables TLS. */
  readonly tls?: ServerTls;
  /** The URL of the server whose changes this one follows, until it is promoted. */
  readonly standbyOf?: string;
};

/**
 * Starts a private instance of PostgreSQL; the user in its URL has all privileges. @throws {Error} saying how to
 * install it
 */
export async function startPostgresql({ password, tls, standbyOf }: Options = {}): Promise<PrivateServer> {
  const initdb = toolPath({
    name: 'PostgreSQL',
    command: 'initdb',
    folders: newestFirst(),
    package: 'postgresql',
  });
  const runAs = unprivileged();
  const folder = privateFolder('postgresql', runAs);
  const data = join(folder, 'data');
  const port = await freePort();
  const initialise = (made: string, login: readonly string[]) =>
    runToEnd(
      initdb,
      ['-D', made, '-U', 'latchkey', ...login, '--encoding=UTF8', '--locale=C', '-N'],
      runAs,
      folder,
    );
  if (standbyOf !== undefined) copyPrimary(join(dirname(initdb), 'pg_basebackup'), standbyOf, data, folder);
  else if (password === undefined)
    initialisedFolder(initdb, data, runAs, (made) => initialise(made, ['--auth=trust']));
  else initialise(data, requirePassword(password, folder, runAs));
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '300',
    // A crash of the machine may lose a test's database; the promises about crashes have tests of their own.
    fsync: 'off',
    ...(tls !== undefined && {
      ssl: 'on',
      ssl_cert_file: privateFile(folder, 'certificate.pem', tls.certificate, runAs),
      ssl_key_file: privateFile(folder, 'key.pem', tls.key, runAs),
      ssl_ca_file: privateFile(folder, 'authority.pem', tls.authority, runAs),
    }),
  };
  const args = [
    '-D',
    data,
    '-p',
    `${port}`,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const command = join(dirname(initdb), 'postgres');
  const server = await startServer({
    command,
    args,
    runAs,
    folder,
    readiness: `ready to accept ${standbyOf === undefined ? '' : 'read-only '}connections`,
  });
  const user = password === undefined ? 'latchkey' : `latchkey:${password}`;
  return { ...server, url: `postgres://${user}@127.0.0.1:${port}/postgres` };
}

/** The data of a server, with the setting to follow it. */
function copyPrimary(command: string, primary: string, data: string, folder: string): void {
  const how = ['--write-recovery-conf', '--wal-method=stream', '--checkpoint=fast', '--no-sync'];
  runToEnd(command, ['-d', primary, '-D', data, ...how], unprivileged(), folder);
}

function requirePassword(password: string, folder: string, runAs: RunAs): readonly string[] {
  return ['--auth=scram-sha-256', `--pwfile=${privateFile(folder, 'password', password, runAs)}`];
}

function newestFirst(): readonly string[] {
  if (!existsSync(VERSIONS)) return [];
  const versions = readdirSync(VERSIONS).sort((one, other) => Number(other) - Number(one));
  return versions.map((version) => join(VERSIONS, version, 'bin'));
}
