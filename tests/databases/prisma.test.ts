import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { SchemaEngine } from '@prisma/schema-engine-wasm';
import { Pool, type QueryArrayConfig } from 'pg';
import { readTables } from '../../src/operations/copy/tables.ts';
import { asApplication } from '../kit/application.ts';
import { type Engine, existingDatabase, servers } from '../kit/databases.ts';
import { readDocument } from '../kit/documents.ts';
import { startSystem } from '../kit/system.ts';
import { ADA } from '../kit/visitor.ts';

const GUIDE = 'docs/your-database.md';

/** The schema of the guide, and one without a foreign key to an account. */
const [, GUIDE_SCHEMA = ''] = /^```prisma\n(.*?)^```/ms.exec(readDocument(GUIDE)) ?? [];
const SCHEMA_WITHOUT_KEY = `datasource db {
  provider = "postgresql"
}

model Note {
  id    Int    @id @default(autoincrement())
  owner String @db.Uuid

  @@map("notes")
}`;

/** What `tables.external` of the guide lists. */
const EXTERNAL = [...readDocument(GUIDE).matchAll(/^ +'(latchkey\.\w+)',$/gm)].map(([, name = '']) => name);

// PostgreSQL's own type "char" and text, by their ids. The engine reads a column of the first from the catalogue, which the
// adapter declines to pass on; the engine of the command line connects by itself, and reads both alike.
const [CHAR, TEXT] = [18, 25];

/** Connections of the adapter on which the catalogue can be read. */
function poolFor(connectionString: string): Pool {
  const pool = new Pool({ connectionString });
  const query = async (config: QueryArrayConfig, values: unknown[]) => {
    const result = await pool.query(config, values);
    for (const field of result.fields) if (field.dataTypeID === CHAR) field.dataTypeID = TEXT;
    return result;
  };
  return Object.create(pool, { query: { value: query } });
}

/** Asks the schema engine for what `prisma db push` does, in a script; then does it, unless it is only a plan. */
async function push(url: string, content: string, externalTables: readonly string[], isPlan = false) {
  const schema = { files: [{ path: 'schema.prisma', content }] };
  const filters = { externalTables: [...externalTables], externalEnums: [] };
  const pool = poolFor(url);
  const factory = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
  const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', content]] }, () => {}, factory);
  const from = { tag: 'schemaDatasource', ...schema, configDir: '.' } as const;
  const to = { tag: 'schemaDatamodel', ...schema } as const;
  const { stdout } = await engine.diff({ from, to, script: true, exitCode: null, filters });
  if (!isPlan) {
    const { unexecutable, warnings } = await engine.schemaPush({ force: true, schema, filters });
    assert.deepEqual([unexecutable, warnings], [[], []]);
  }
  engine.free();
  await pool.end();
  return String(stdout);
}

const dropped = (plan: string) => [...plan.matchAll(/\bDROP TABLE (.*);$/gm)].map(([, table]) => table);

/** A database with Latchkey, a user, and the address at which an application uses it. */
async function startBeside(engine: Engine) {
  const empty = await engine.create();
  const system = await startSystem({}, existingDatabase(empty.url));
  await system.visitor().register(ADA.username, ADA.password);
  const application = asApplication(empty.url);
  return {
    system,
    application,
    // The user of the tests has the name of the schema, which the guide advises against.
    url: `${empty.url}?options=-csearch_path%3Dpublic`,
    [Symbol.asyncDispose]: async () => {
      await application[Symbol.asyncDispose]();
      await system[Symbol.asyncDispose]();
      await empty[Symbol.asyncDispose]();
    },
  };
}

for (const engine of servers.filter(({ name }) => name === 'PostgreSQL')) {
  describe('prisma db push beside Latchkey', () => {
    for (const [title, schema, external] of [
      ['with the schema and the external tables of the guide', GUIDE_SCHEMA, EXTERNAL],
      ['without a foreign key to an account, and with nothing configured', SCHEMA_WITHOUT_KEY, []],
    ] as const)
      it(`creates the tables of the application and leaves those of Latchkey, ${title}`, async () => {
        await using scene = await startBeside(engine);
        const { system, application, url } = scene;
        assert.match(await push(url, schema, external), /^CREATE TABLE "notes"/m);
        await application.run('create table public.forgotten (id integer)');
        const second = await push(url, schema, external);
        assert.deepEqual([dropped(second), /ALTER/.test(second)], [['"forgotten"'], false]);
        const tables = (await readTables()).map(({ name }) => name);
        const { catalog, queries } = application.database;
        assert.equal((await catalog.findExisting(queries, [...tables, 'users'])).length, tables.length + 1);
        assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 303);
      });

    it('would drop a table of Latchkey that the list of the guide lacked', async () => {
      await using scene = await startBeside(engine);
      const listed = EXTERNAL.filter((name) => name !== 'latchkey.sessions');
      assert.deepEqual(dropped(await push(scene.url, GUIDE_SCHEMA, listed, true)), ['"latchkey"."sessions"']);
    });
  });
}
