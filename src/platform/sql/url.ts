import { isIP } from 'node:net';
import { type PathRules, readPath } from '../runtime/index.ts';
import {
  readServerAddress,
  type ServerAddress,
  type ServerDialect,
  type ServerReading,
} from './server-address.ts';

export type DatabaseAddress =
  | { readonly engine: 'sqlite'; readonly path: string }
  | ({ readonly engine: 'postgresql' | 'mysql' } & ServerAddress);

export type DatabaseUrlReading =
  | { readonly ok: true; readonly address: DatabaseAddress }
  | { readonly ok: false; readonly problem: string };

const MEMORY = ':memory:';

// The modes of libpq's sslmode, without those that fall back to plain text silently.
const POSTGRESQL: ServerDialect = {
  defaultPort: 5432,
  tlsParameter: 'sslmode',
  tlsModes: { disable: 'off', require: 'encrypted', 'verify-ca': 'authority', 'verify-full': 'identity' },
  fileParameters: { authority: 'sslrootcert', certificate: 'sslcert', key: 'sslkey' },
  socketParameter: 'host',
  ignored: ['application_name', 'client_encoding'],
};

const MYSQL: ServerDialect = {
  defaultPort: 3306,
  tlsParameter: 'ssl-mode',
  tlsModes: { DISABLED: 'off', REQUIRED: 'encrypted', VERIFY_CA: 'authority', VERIFY_IDENTITY: 'identity' },
  fileParameters: { authority: 'ssl_ca', certificate: 'ssl_cert', key: 'ssl_key' },
  socketParameter: 'unix_socket',
  ignored: ['charset'],
};

/**
 * Reads a `DATABASE_URL`: `sqlite:PATH`, `postgres://…`, `mysql://…`, and SQLAlchemy's spellings of them, such as
 * `sqlite:///relative`, `sqlite:////absolute`, `postgresql+psycopg2://…` and `mysql+pymysql://…`.
 * @param rules whose paths they are; those of this system by default
 */
export function readDatabaseUrl(text: string, rules?: PathRules): DatabaseUrlReading {
  const [, scheme = '', rest = ''] = /^([a-z]+)(?:\+[a-z0-9]+)?:([^\0]*)$/.exec(text.trim()) ?? [];
  switch (scheme) {
    case 'sqlite':
      return readSqlite(rest, rules);
    case 'postgres':
    case 'postgresql':
    case 'cockroachdb':
      return withEngine('postgresql', readServerAddress(rest, POSTGRESQL));
    case 'mysql':
    case 'mariadb':
      return withEngine('mysql', withNameToVerify(readServerAddress(rest, MYSQL)));
    default:
      return {
        ok: false,
        problem: 'names no database that is known; give sqlite:PATH, postgres://… or mysql://…',
      };
  }
}

function readSqlite(rest: string, rules: PathRules | undefined): DatabaseUrlReading {
  const written = sqlitePath(rest);
  if (written === MEMORY) return { ok: true, address: { engine: 'sqlite', path: MEMORY } };
  if (written !== null) {
    const reading = readPath(written, rules);
    if (!reading.ok) return reading;
    return { ok: true, address: { engine: 'sqlite', path: reading.path } };
  }
  return { ok: false, problem: 'names no file; give sqlite:PATH, such as sqlite:data/latchkey.db' };
}

function sqlitePath(rest: string): string | null {
  if (rest === '' || /[?#]/.test(rest)) return null;
  if (!rest.startsWith('//')) return rest;
  // The authority between the second and the third slash is empty for SQLite.
  const path = rest.slice(2);
  if (path === '' || path === '/' || path === `/${MEMORY}`) return MEMORY;
  return path.startsWith('/') ? path.slice(1) : null;
}

function withEngine(engine: 'postgresql' | 'mysql', reading: ServerReading): DatabaseUrlReading {
  return reading.ok ? { ok: true, address: { engine, ...reading.address } } : reading;
}

// For an IP address the driver would accept a certificate of “localhost”.
function withNameToVerify(reading: ServerReading): ServerReading {
  const isUnnamed = reading.ok && reading.address.tls.mode === 'identity' && isIP(reading.address.host) !== 0;
  if (!isUnnamed) return reading;
  const problem = 'asks for the certificate of a host by its number; give its name, or ssl-mode=VERIFY_CA';
  return { ok: false, problem };
}

/** Names a database in memory, which ends with the process. */
export const MEMORY_DATABASE = `sqlite:${MEMORY}`;

export function isMemoryDatabase(text: string): boolean {
  const reading = readDatabaseUrl(text);
  return reading.ok && reading.address.engine === 'sqlite' && reading.address.path === MEMORY;
}

/** The database file on this machine; null for a server or memory. */
export function databaseFile(text: string): string | null {
  const reading = readDatabaseUrl(text);
  const isFile = reading.ok && reading.address.engine === 'sqlite' && reading.address.path !== MEMORY;
  return isFile ? reading.address.path : null;
}

/**
 * A database URL for messages and logs: without user information (RFC 3986 §3.2.1) and query. An unencoded password may
 * contain any character, so everything up to the last at sign is removed.
 */
export function withoutUserInfo(text: string): string {
  return text.replace(/^([\w+.-]+:\/\/)(?!\/).*@/s, '$1').replace(/[?#].*$/s, '');
}
