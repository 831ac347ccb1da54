import { randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { MINUTE, SECOND, systemPause } from '../../runtime/index.ts';
import { DatabaseStartError } from '../database.ts';

const NAME = 'latchkey schema';
export const SCHEMA_LOCK_SECONDS = 600;

/**
 * Runs `work` while no other process changes the schema. MySQL commits each schema change at once, so a lock replaces the
 * transaction.
 * @param queries has other connections than the one that works
 */
export async function underSchemaLock<Tables, Result>(
  connection: Kysely<Tables>,
  queries: Kysely<Tables>,
  work: (connection: Kysely<Tables>) => Promise<Result>,
): Promise<Result> {
  const release = (await isInCluster(connection)) ? await takeLease(queries) : await takeLock(connection);
  try {
    return await work(connection);
  } finally {
    await release();
  }
}

type Release = () => Promise<unknown>;

const isLocked = () =>
  new DatabaseStartError('DATABASE_URL: another process has been changing the schema for ten minutes');

/** @throws {DatabaseStartError} */
async function takeLock<Tables>(connection: Kysely<Tables>): Promise<Release> {
  const lock = sql<{ locked: number | null }>`select get_lock(${NAME}, ${SCHEMA_LOCK_SECONDS}) as locked`;
  const { rows } = await lock.execute(connection);
  if (rows[0]?.locked !== 1) throw isLocked();
  return () => sql`select release_lock(${NAME})`.execute(connection);
}

async function isInCluster<Tables>(connection: Kysely<Tables>): Promise<boolean> {
  const { rows } = await sql<{ Value: string }>`show variables like 'wsrep_on'`.execute(connection);
  return rows[0]?.Value === 'ON';
}

const LEASE = MINUTE;
const RENEWAL = 10 * SECOND;
/** How often a process asks for the lease that another one has. */
const INTERVAL = SECOND / 4;

/**
 * A named lock is local to a node of a Galera cluster, so a row has a lease there: of several processes that take it at
 * once, the cluster lets one commit. A process that has died keeps it for a minute. Times are those of the servers.
 * @throws {DatabaseStartError}
 */
async function takeLease<Tables>(queries: Kysely<Tables>): Promise<Release> {
  const table = sql.table('schema_lease');
  const holder = randomBytes(16);
  const now = sql`cast(unix_timestamp(sysdate(3)) * 1000 as unsigned)`;
  await sql`create table if not exists ${table} (id integer primary key, holder binary(16) not null, expires_at bigint not null)`.execute(
    queries,
  );
  await sql`insert into ${table} values (1, ${Buffer.alloc(16)}, 0) on duplicate key update id = 1`.execute(
    queries,
  );
  const hold = (condition: typeof now) =>
    sql`update ${table} set holder = ${holder}, expires_at = ${now} + ${LEASE} where id = 1 and ${condition}`.execute(
      queries,
    );
  const end = performance.now() + SCHEMA_LOCK_SECONDS * SECOND;
  while ((await hold(sql`expires_at <= ${now}`)).numAffectedRows !== 1n) {
    if (performance.now() > end) throw isLocked();
    await systemPause(INTERVAL);
  }
  // A renewal that fails is made again; the work fails by itself where the database is away.
  const timer = setInterval(() => void hold(sql`holder = ${holder}`).catch(() => {}), RENEWAL);
  timer.unref();
  return () => {
    clearInterval(timer);
    return sql`update ${table} set expires_at = 0 where id = 1 and holder = ${holder}`.execute(queries);
  };
}
