import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { startMariadb } from '../../scripts/provide/mariadb.ts';
import { startPostgresql } from '../../scripts/provide/postgresql.ts';
import { openDatabase } from '../../src/platform/sql/index.ts';
import type { AllTables } from '../../tests/kit/tables.ts';
import type { Figure } from '../figures/figure.ts';
import { measureSignIns } from '../figures/sign-ins.ts';
import { PASSWORD, SECRET_KEY } from '../seed.ts';
import { type Subject, startProcess, startServer } from '../subjects/start.ts';
import { type FilledDatabase, measureChecks, measureGrowthOnServer } from './checks.ts';
import { measureNodes } from './nodes.ts';
import { fill, tokenOf, usernameOf } from './users.ts';

const FEW = 1_000;
const MANY = 1_000_000;
const OPTIONS = {
  connections: 2,
  connectTimeout: 5_000,
  statementTimeout: 600_000,
  schema: 'latchkey',
  tablePrefix: 'latchkey_',
};
const LIKE_THE_DRIVER = 0.8;

type Bench = {
  readonly folder: string;
  readonly hash: string;
  readonly raw: Subject;
  readonly say: (text: string) => void;
};

/** (e) to (h): the same measurements on every engine, on private instances of the servers. */
export async function measureEngines({ folder, hash, raw, say }: Bench): Promise<readonly Figure[]> {
  const postgresql = await startPostgresql();
  const mariadb = await startMariadb();
  const subjects: Subject[] = [];
  const keep = (subject: Subject) => {
    subjects.push(subject);
    return subject;
  };
  try {
    const filled = async (name: string, url: string, users: number): Promise<FilledDatabase> => {
      say(`filling ${name} with ${users.toLocaleString('en')} users`);
      const database = openDatabase<AllTables>(url, OPTIONS);
      await fill(database, users, hash);
      await database.close();
      return { name, url, users };
    };
    const onPostgresql = (name: string) => postgresql.url.replace(/\/postgres$/, `/${name}`);
    await makeDatabases(postgresql.url, ['few', 'many'], mariadb.url);
    const few = await filled('PostgreSQL', onPostgresql('few'), FEW);
    const engines = [
      few,
      await filled('MariaDB', `${mariadb.url}few`, FEW),
      await filled('SQLite', `sqlite:${join(folder, 'few.db')}`, FEW),
    ];
    const nodeOn = async ({ url }: FilledDatabase) =>
      keep(await startServer(['bin/latchkey.js', 'serve'], folder, { DATABASE_URL: url, SECRET_KEY }));

    say('(h) sign-ins on every engine');
    const signIns: Figure[] = [];
    const accounts = { count: FEW, username: usernameOf, password: PASSWORD };
    for (const engine of engines) {
      const node = await nodeOn(engine);
      const name = `(h) sign-ins on ${engine.name} ÷ bare Argon2id verifications`;
      signIns.push((await measureSignIns(node, raw, accounts, hash, name, null)).figure);
    }
    say('(g) two nodes');
    const tokens = Buffer.from(Array.from({ length: FEW }, (_, user) => tokenOf(user)).join(''), 'latin1');
    const nodes = await measureNodes([await nodeOn(few), await nodeOn(few)], tokens);

    say('(e) session checks by themselves');
    const checker = keep(startProcess(['bench/subjects/engine-checks.ts'], folder));
    const checks: Figure[] = [];
    for (const engine of engines) checks.push(await measureChecks(checker, engine, LIKE_THE_DRIVER));
    const many = await filled('PostgreSQL', onPostgresql('many'), MANY);
    say('(f) growth on PostgreSQL');
    const growth = await measureGrowthOnServer(checker, few, many);
    return [...checks, growth, nodes, ...signIns];
  } finally {
    await Promise.all(subjects.map(({ stop }) => stop()));
    await Promise.all([postgresql.stop(), mariadb.stop()]);
  }
}

async function makeDatabases(postgresql: string, names: readonly string[], mysql: string): Promise<void> {
  const client = new Client({ connectionString: postgresql });
  await client.connect();
  for (const name of names) await client.query(`create database ${name}`);
  await client.end();
  const connection = await createConnection(mysql);
  await connection.query('create database few');
  await connection.end();
}
