import type { ServerAddress, Tls } from '../server-address.ts';
import { shellCommand } from '../shell-command.ts';

/** The command that backs a database up to a file with MariaDB's own tool; for `USER` stands whoever may read it. */
export function mariadbDumpCommand(address: ServerAddress, file: string): string {
  const { host, port, socketPath, database, tls } = address;
  return shellCommand([
    'mariadb-dump',
    // One moment of the database, without keeping servers from writing.
    '--single-transaction',
    '--quick',
    // Ids and hashes are bytes, which no character set can carry.
    '--hex-blob',
    '--default-character-set=utf8mb4',
    ...(socketPath === undefined ? [`--host=${host}`, `--port=${port}`] : [`--socket=${socketPath}`]),
    ...tlsWords(tls),
    '--user=USER',
    '--password',
    `--result-file=${file}`,
    database,
  ]);
}

function tlsWords(tls: Tls): readonly string[] {
  if (tls.mode === 'off') return [];
  const files = { ca: tls.authorityFile, cert: tls.certificateFile, key: tls.keyFile };
  const given = Object.entries(files).flatMap(([name, path]) =>
    path === undefined ? [] : [`--ssl-${name}=${path}`],
  );
  return ['--ssl', ...given, ...(tls.mode === 'identity' ? ['--ssl-verify-server-cert'] : [])];
}
