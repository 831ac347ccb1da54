import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CompiledQuery, type KyselyPlugin } from 'kysely';
import { createAccounts } from '../../src/core/accounts.ts';
import type { Database, EngineName } from '../../src/core/database/database.ts';
import { idToBytes, newId } from '../../src/core/identifiers/uuid.ts';
import { createSessions } from '../../src/core/sessions.ts';
import { hashToken, newToken } from '../../src/core/tokens.ts';
import { hashLookUp } from '../../src/features/passwords/store.ts';
import { onEveryDatabase } from '../support/databases.ts';
import { startSystem } from '../support/system.ts';

const PEOPLE = 2_000;
const HOUR = 3_600_000;

/** A statement as it was run, with the values that it was run with. */
type Statement = { readonly sql: string; readonly parameters: readonly unknown[] };

/** The same database, writing down every statement that goes through it. */
function recording(database: Database, statements: Statement[]): Database {
  const recorder: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => {
      statements.push(database.queries.getExecutor().compileQuery(node, queryId));
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const queries = database.queries.withPlugin(recorder);
  return {
    ...database,
    queries,
    lookUp: (query) => {
      const lookUp = database.lookUp(query);
      return (...parameters) => {
        statements.push({ sql: query.sql, parameters });
        return lookUp(...parameters);
      };
    },
  };
}

/** Enough rows that an engine which had no index would rather read them all. */
async function fill({ queries }: Database, now: number): Promise<string> {
  const tokens = Array.from({ length: PEOPLE }, newToken);
  const ids = tokens.map(() => idToBytes(newId(now)));
  const idAt = (number: number) => ids[number] ?? new Uint8Array(16);
  for (let start = 0; start < PEOPLE; start += 100) {
    const numbers = Array.from({ length: 100 }, (_, offset) => start + offset);
    await queries
      .insertInto('accounts')
      .values(
        numbers.map((number) => ({
          id: idAt(number),
          username: `person ${number}`,
          username_key: `person ${number}`,
          email: `person.${number}@example.org`,
          email_key: `person.${number}@example.org`,
          email_verified_at: null,
          created_at: now,
          disabled_at: null,
        })),
      )
      .execute();
    await queries
      .insertInto('passwords')
      .values(numbers.map((number) => ({ account_id: idAt(number), hash: 'none', changed_at: now })))
      .execute();
    await queries
      .insertInto('sessions')
      .values(
        numbers.map((number) => ({
          id: idToBytes(newId(now)),
          token_hash: hashToken(tokens[number] ?? ''),
          account_id: idAt(number),
          method: 'password',
          created_at: now,
          last_seen_at: now,
          expires_at: now + HOUR + number,
        })),
      )
      .execute();
  }
  return tokens[PEOPLE / 2] ?? '';
}

const TABLES = ['accounts', 'passwords', 'sessions'];
const ANALYSE: Readonly<Record<EngineName, readonly string[]>> = {
  sqlite: ['analyze'],
  postgresql: TABLES.map((table) => `analyze ${table}`),
  mysql: TABLES.map((table) => `analyze table ${table}`),
};

/** What an engine would do for a statement that is no look-up by an index, as each of them words it. */
const READS_ALL: Readonly<Record<EngineName, RegExp>> = {
  sqlite: /\bSCAN\b/,
  postgresql: /\bSeq Scan\b/,
  mysql: /"type":"(?:ALL|index)"/,
};

async function planOf({ engine, queries }: Database, { sql, parameters }: Statement): Promise<string> {
  const word = engine === 'sqlite' ? 'explain query plan' : 'explain';
  const { rows } = await queries.executeQuery(CompiledQuery.raw(`${word} ${sql}`, [...parameters]));
  return rows.map((row) => JSON.stringify(row)).join('\n');
}

onEveryDatabase('every statement on the way of a request', (engine) => {
  it('is a look-up by an index', async () => {
    await using system = await startSystem({}, engine);
    const now = system.clock.read();
    const { database } = system.system.core;
    const token = await fill(database, now);
    for (const statement of ANALYSE[database.engine]) {
      await database.queries.executeQuery(CompiledQuery.raw(statement));
    }
    const statements: Statement[] = [];
    const recorded = recording(database, statements);
    const accounts = createAccounts(recorded);
    const sessions = createSessions(recorded, { idle: HOUR, lifetime: HOUR });
    // The sign-in look-up, by name and by address; the session check, with and without “last seen”; the sign-out.
    const id = await accounts.find('Person 1000');
    assert.equal(await accounts.find('person.1000@example.org'), id);
    assert.equal(await hashLookUp(recorded)(String(id)), 'none');
    assert.equal((await sessions.check(token, now))?.user.id, id);
    assert.equal((await sessions.check(token, now + HOUR / 2))?.user.id, id);
    assert.equal(await sessions.end(token), true);
    await sessions.deleteExpired(now + HOUR + 10, 5);

    const withoutIndex = { sql: 'select id from accounts where created_at < 0', parameters: [] };
    assert.match(await planOf(database, withoutIndex), READS_ALL[database.engine], 'one without is noticed');
    assert.ok(statements.length >= 7);
    for (const statement of statements) {
      const plan = await planOf(database, statement);
      assert.doesNotMatch(plan, READS_ALL[database.engine], `${statement.sql}\n${plan}`);
    }
  });
});
