import { type PathRules, readPath } from '../runtime/index.ts';
import { readServerAddress, type ServerAddress, type ServerReading } from './server-address.ts';

export type DatabaseAddress =
  | { readonly engine: 'sqlite'; readonly path: string }
  | ({ readonly engine: 'postgresql' | 'mysql' } & ServerAddress);

export type DatabaseUrlReading =
  | { readonly ok: true; readonly address: DatabaseAddress }
  | { readonly ok: false; readonly problem: string };

const MEMORY = ':memory:';

/** The schemes of platforms, of SQLAlchemy, Django, Rails, Laravel and JDBC. */
const ENGINES: Readonly<Record<string, 'postgresql' | 'mysql'>> = {
  postgres: 'postgresql',
  postgresql: 'postgresql',
  pgsql: 'postgresql',
  postgis: 'postgresql',
  cockroachdb: 'postgresql',
  timescaledb: 'postgresql',
  mysql: 'mysql',
  mysql2: 'mysql',
  mariadb: 'mysql',
};

/** What to give instead of what is no URL of a database that is known. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [
    /^prisma(?:\+\w+)?:/i,
    'is for Prisma’s own proxy; give the URL of the database itself, such as postgres://…',
  ],
  [/^file:/i, 'is Prisma’s form for SQLite; give sqlite:PATH'],
  [
    /^(?:libsql|d1|turso|https?|wss?):/i,
    'is a database that answers over HTTP, which is not supported; give sqlite:PATH, postgres://… or mysql://…',
  ],
  [/^mysql\+srv:|^mysqlx:/i, 'is a protocol that is not supported; give mysql://…'],
  [
    /^\s*(?:host|hostaddr|user|dbname|server|data source|driver)\s*=/i,
    'is a list of words; give the URL, such as postgres://user:password@host/database',
  ],
];

/**
 * Reads a `DATABASE_URL`: `sqlite:PATH`, `postgres://…`, `mysql://…`, and SQLAlchemy's spellings of them, such as
 * `sqlite:///relative`, `sqlite:////absolute`, `postgresql+psycopg2://…` and `mysql+pymysql://…`; also with JDBC's prefix.
 * @param rules whose paths they are; those of this system by default
 */
export function readDatabaseUrl(text: string, rules?: PathRules): DatabaseUrlReading {
  const url = text.trim().replace(/^jdbc:/i, '');
  const [, given = '', rest = ''] = /^([a-z][a-z0-9]*)(?:\+[a-z0-9_]+)?:([^\0]*)$/i.exec(url) ?? [];
  const scheme = given.toLowerCase();
  if (scheme === 'sqlite') return readSqlite(rest, rules);
  const other = OTHERS.find(([pattern]) => pattern.test(url));
  if (other !== undefined) return { ok: false, problem: other[1] };
  const engine = Object.hasOwn(ENGINES, scheme) ? ENGINES[scheme] : undefined;
  if (engine !== undefined) return withEngine(engine, readServerAddress(withoutStrategy(rest), engine));
  return {
    ok: false,
    problem: 'names no database that is known; give sqlite:PATH, postgres://… or mysql://…',
  };
}

/** JDBC says before the hosts how one is chosen: `mysql:loadbalance://one,two/database`. */
function withoutStrategy(rest: string): string {
  return rest.replace(/^(?:failover|sequential|loadbalance|load-balance|replication|aurora):(?=\/\/)/i, '');
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
  return text.replace(/^((?:[\w+.-]+:)+\/\/)(?!\/).*@/s, '$1').replace(/[?#].*$/s, '');
}
