/** Where the data lies. Other engines are further members of this union. */
export type DatabaseAddress = { readonly engine: 'sqlite'; readonly path: string };

const MEMORY = ':memory:';

/**
 * Reads a `DATABASE_URL`: `sqlite:PATH`, or SQLAlchemy's spellings: `sqlite:///relative`, `sqlite:////absolute`
 * and `sqlite://` for a database in memory. Returns null for anything else.
 */
export function parseDatabaseUrl(text: string): DatabaseAddress | null {
  const match = /^sqlite(?:\+pysqlite)?:(\/\/)?([^?#\0]*)$/.exec(text.trim());
  if (match === null) return null;
  const [, slashes, rest = ''] = match;
  if (slashes === undefined) return rest === '' ? null : { engine: 'sqlite', path: rest };
  if (rest === '' || rest === '/' || rest === `/${MEMORY}`) return { engine: 'sqlite', path: MEMORY };
  // After the two slashes comes an authority, which SQLite has none of: so the third slash must follow.
  return rest.startsWith('/') ? { engine: 'sqlite', path: rest.slice(1) } : null;
}

export function isDatabaseUrl(text: string): boolean {
  return parseDatabaseUrl(text) !== null;
}

/** Whether the database lives in this process's memory alone, and dies with it. */
export function isMemoryDatabase(text: string): boolean {
  return parseDatabaseUrl(text)?.path === MEMORY;
}

/**
 * A database URL as it may be shown and logged: user, password and query left out. A password that was not
 * encoded may hold any character, so everything up to the last at sign goes.
 */
export function withoutCredentials(text: string): string {
  return text.replace(/^([\w+.-]+:\/\/)(?!\/).*@/s, '$1').replace(/[?#].*$/s, '');
}
