import { join } from 'node:path';
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

const PASSWORD = 'only-for-tests';
const USERS = `CREATE USER IF NOT EXISTS latchkey@'127.0.0.1' IDENTIFIED BY '${PASSWORD}';
GRANT ALL ON *.* TO latchkey@'127.0.0.1' WITH GRANT OPTION;
`;
const FOLDERS = ['/usr/sbin', '/usr/bin', '/opt/homebrew/bin'];

type Options = {
  /** Enables TLS. */
  readonly tls?: ServerTls;
  /** A number of its own for each server that replicates changes. */
  readonly replicatesAs?: number;
  readonly cluster?: ClusterMembership;
};

/** How a server takes part in a Galera cluster. */
export type ClusterMembership = {
  readonly arguments: readonly string[];
  /** Those of its first start alone. */
  readonly firstArguments: readonly string[];
  /** Whether it gets its data from another node. */
  readonly isJoining: boolean;
};

/**
 * Starts a private instance of MariaDB; the user in its URL has all privileges.
 * @throws {Error} saying how to install it
 */
export async function startMariadb({ tls, replicatesAs, cluster }: Options = {}): Promise<PrivateServer> {
  const wanted = { name: 'MariaDB', folders: FOLDERS, package: 'mariadb-server' };
  const command = toolPath({ ...wanted, command: 'mariadbd' });
  const install = toolPath({ ...wanted, command: 'mariadb-install-db' });
  const runAs = unprivileged();
  const folder = privateFolder('mariadb', runAs);
  const port = await freePort();
  const data = join(folder, 'data');
  // A separate folder for temporary tables, because each start deletes what it takes for leftovers, also of other
  // instances.
  const temporary = `--tmpdir=${folder}`;
  const initialise = ['--auth-root-authentication-method=normal', '--skip-test-db'];
  initialisedFolder(command, data, runAs, (made) =>
    runToEnd(install, ['--no-defaults', `--datadir=${made}`, temporary, ...initialise], runAs, folder),
  );
  const setUp = `--init-file=${privateFile(folder, 'set-up.sql', USERS, runAs)}`;
  const args = [
    '--no-defaults',
    `--datadir=${data}`,
    temporary,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--socket=${join(folder, 'socket')}`,
    `--pid-file=${join(folder, 'pid')}`,
    ...(tls === undefined ? ['--skip-ssl'] : tlsOptions(tls, folder, runAs)),
    ...(replicatesAs === undefined
      ? []
      : [`--server-id=${replicatesAs}`, '--log-bin', '--log-slave-updates']),
    '--skip-name-resolve',
    '--max-connections=300',
    // A crash of the machine may lose a test's database; the promises about crashes have tests of their own.
    '--innodb-flush-log-at-trx-commit=0',
  ];
  const server = await startServer({
    command,
    args: [...args, ...(cluster?.arguments ?? [])],
    // A node that joins gets the users with its data, and may not write before.
    firstArgs: [...(cluster?.firstArguments ?? []), ...(cluster?.isJoining === true ? [] : [setUp])],
    runAs,
    folder,
    readiness:
      cluster === undefined ? 'ready for connections' : 'Synchronized with group, ready for connections',
  });
  return { ...server, url: `mysql://latchkey:${PASSWORD}@127.0.0.1:${port}/` };
}

function tlsOptions(tls: ServerTls, folder: string, runAs: RunAs): readonly string[] {
  return [
    `--ssl-cert=${privateFile(folder, 'certificate.pem', tls.certificate, runAs)}`,
    `--ssl-key=${privateFile(folder, 'key.pem', tls.key, runAs)}`,
    `--ssl-ca=${privateFile(folder, 'authority.pem', tls.authority, runAs)}`,
  ];
}
