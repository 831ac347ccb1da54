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
import { programPath } from './system-packages.ts';

const VERSIONS = '/usr/lib/postgresql';

type Options = {
  /** Asked of everybody; where nothing is said, whoever comes is let in. */
  readonly password?: string;
  /** Offers TLS. */
  readonly tls?: ServerTls;
};

/** Starts a PostgreSQL of our own; the user in its URL may do everything. @throws {Error} saying how to get it */
export async function startPostgresql({ password, tls }: Options = {}): Promise<PrivateServer> {
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
  const initialise = (made: string, login: readonly string[]) =>
    runToEnd(
      initdb,
      ['-D', made, '-U', 'latchkey', ...login, '--encoding=UTF8', '--locale=C', '-N'],
      runAs,
      folder,
    );
  if (password === undefined)
    initialisedFolder(initdb, data, runAs, (made) => initialise(made, ['--auth=trust']));
  else initialise(data, askFor(password, folder, runAs));
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '300',
    // A crash of the machine may lose a test’s database; the promises about crashes are tested on purpose.
    fsync: 'off',
    ...(tls !== undefined && {
      ssl: 'on',
      ssl_cert_file: privateFile(folder, 'certificate.pem', tls.certificate, runAs),
      ssl_key_file: privateFile(folder, 'key.pem', tls.key, runAs),
      ssl_ca_file: privateFile(folder, 'authority.pem', tls.authority, runAs),
    }),
  };
  const words = [
    '-D',
    data,
    '-p',
    `${port}`,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const program = join(dirname(initdb), 'postgres');
  const server = await startServer({
    program,
    words,
    runAs,
    folder,
    readiness: 'ready to accept connections',
  });
  const user = password === undefined ? 'latchkey' : `latchkey:${password}`;
  return { ...server, url: `postgres://${user}@127.0.0.1:${port}/postgres` };
}

function askFor(password: string, folder: string, runAs: RunAs): readonly string[] {
  return ['--auth=scram-sha-256', `--pwfile=${privateFile(folder, 'password', password, runAs)}`];
}

function newestFirst(): readonly string[] {
  if (!existsSync(VERSIONS)) return [];
  const versions = readdirSync(VERSIONS).sort((one, other) => Number(other) - Number(one));
  return versions.map((version) => join(VERSIONS, version, 'bin'));
}
