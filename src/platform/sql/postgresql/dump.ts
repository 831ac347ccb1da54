import type { ServerAddress, Tls } from '../server-address.ts';
import { shellCommand } from '../shell-command.ts';

const TLS_WORDS = { encrypted: 'require', authority: 'verify-ca', identity: 'verify-full' } as const;

/** The command that backs a database up to a file with PostgreSQL's own tool; for `USER` stands whoever may read it. */
export function pgDumpCommand(
  { host, port, socketPath, database, tls }: ServerAddress,
  file: string,
): string {
  return shellCommand([
    ...environment(tls),
    'pg_dump',
    // One file that pg_restore reads, of the data alone and not of who may do what on this server.
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

function environment(tls: Tls): readonly string[] {
  if (tls.mode === 'off') return [];
  const files = { PGSSLROOTCERT: tls.authorityFile, PGSSLCERT: tls.certificateFile, PGSSLKEY: tls.keyFile };
  const given = Object.entries(files).flatMap(([name, path]) =>
    path === undefined ? [] : [`${name}=${path}`],
  );
  return ['env', `PGSSLMODE=${TLS_WORDS[tls.mode]}`, ...given];
}
