import { z } from 'zod';
import type { Database, DatabaseOptions } from './database.ts';
import { useMysqlPool } from './mysql/open.ts';
import type { MysqlPool, PostgresqlPool } from './pool-types.ts';
import { usePostgresqlPool } from './postgresql/open.ts';

export type OpenDatabase = <Tables>(options: DatabaseOptions) => Database<Tables>;

export type PoolReading =
  | { readonly ok: true; readonly open: OpenDatabase }
  | { readonly ok: false; readonly problem: string };

const methods = <Name extends string>(...names: readonly Name[]) => {
  const isFunction = (value: unknown) => typeof value === 'function';
  return (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return false;
    const own = new Map(names.map((name) => [name, Reflect.get(value, name)]));
    return [...own.values()].every(isFunction);
  };
};

// A client of pg has connect() and query(), too; only a pool counts its connections.
const postgresqlPool = z.custom<PostgresqlPool>(
  (value) =>
    methods('connect', 'query')(value) && typeof Reflect.get(Object(value), 'totalCount') === 'number',
);
const mysqlCallbackPool = z.custom<{ promise(): unknown }>(methods('getConnection', 'promise'));
const mysqlPool = z.custom<MysqlPool>(methods('getConnection', 'execute'));

/** Recognises the pool of an application by its methods, and opens the database on it. */
export function readApplicationPool(value: unknown): PoolReading {
  const postgresql = postgresqlPool.safeParse(value);
  if (postgresql.success) return { ok: true, open: (options) => usePostgresqlPool(postgresql.data, options) };
  const callback = mysqlCallbackPool.safeParse(value);
  const mysql = mysqlPool.safeParse(callback.success ? callback.data.promise() : value);
  if (mysql.success) return { ok: true, open: (options) => useMysqlPool(mysql.data, options) };
  const wanted = 'give new Pool({ … }) of pg, or createPool({ … }) of mysql2';
  return { ok: false, problem: `is no pool of pg or mysql2; ${wanted}` };
}
