import type { ServerAddress } from '../../platform/sql/index.ts';

type Tls = ServerAddress['tls'];

const TLS_WORDS = { encrypted: 'require', authority: 'verify-ca', identity: 'verify-full' } as const;

/**
 * The command that backs a database up to a file with PostgreSQL's own tool; `USER` is a placeholder for a database
 * user with read access.
 */
export function pgDumpCommand(
  { host, port, socketPath, database, tls }: ServerAddress,
  file: string,
): string {
  return shellCommand([
    ...tlsEnvironment(tls),
    'pg_dump',
    // One file that pg_restore reads, with the data and without the privileges on this server.
    '--format=custom',
    '--no-owner',
    '--no-privileges',
    `--host=${socketPath ?? host}`,
    `--port=${port}`,
    '--username=USER',
    `--file=${file}`,
    `--dbname=${database}`,
  ]);
}

function tlsEnvironment(tls: Tls): readonly string[] {
  if (tls.mode === 'off') return [];
  const files = { PGSSLROOTCERT: tls.authorityFile, PGSSLCERT: tls.certificateFile, PGSSLKEY: tls.keyFile };
  const given = Object.entries(files).flatMap(([name, path]) =>
    path === undefined ? [] : [`${name}=${path}`],
  );
  return ['env', `PGSSLMODE=${TLS_WORDS[tls.mode]}`, ...given];
}

/**
 * The command that backs a database up to a file with MariaDB's own tool; `USER` is a placeholder for a database user
 * with read access.
 */
export function mariadbDumpCommand(address: ServerAddress, file: string): string {
  const { host, port, socketPath, database, tls } = address;
  return shellCommand([
    'mariadb-dump',
    // A consistent snapshot that blocks no writer.
    '--single-transaction',
    '--quick',
    // Ids and hashes are binary, which no character set can represent.
    '--hex-blob',
    '--default-character-set=utf8mb4',
    ...(socketPath === undefined ? [`--host=${host}`, `--port=${port}`] : [`--socket=${socketPath}`]),
    ...tlsOptions(tls),
    '--user=USER',
    '--password',
    `--result-file=${file}`,
    database,
  ]);
}

function tlsOptions(tls: Tls): readonly string[] {
  if (tls.mode === 'off') return [];
  const files = { ca: tls.authorityFile, cert: tls.certificateFile, key: tls.keyFile };
  const given = Object.entries(files).flatMap(([name, path]) =>
    path === undefined ? [] : [`--ssl-${name}=${path}`],
  );
  return ['--ssl', ...given, ...(tls.mode === 'identity' ? ['--ssl-verify-server-cert'] : [])];
}

/** A command that can be pasted into a shell: arguments with special characters are quoted. */
function shellCommand(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
