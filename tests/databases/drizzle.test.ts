import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readTables } from '../../src/operations/copy/tables.ts';
import { asApplication } from '../kit/application.ts';
import { existingDatabase, isFullRun, servers } from '../kit/databases.ts';
import { readDocument } from '../kit/documents.ts';
import { runProgram } from '../kit/processes.ts';
import { startSystem } from '../kit/system.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary.ts';
import { ADA } from '../kit/visitor.ts';

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));
const GUIDE = 'docs/your-database.md';

/** The files of an application as the guide shows them, by their names, for one engine. */
function filesFor(engine: 'PostgreSQL' | 'MySQL'): ReadonlyMap<string, string> {
  const blocks = readDocument(GUIDE).matchAll(/^```ts\n\/\/ (\S+), (\w+)\n(.*?)^```/gms);
  return new Map(
    [...blocks].flatMap(([, name = '', of, text = '']) => (of === engine ? [[name, text]] : [])),
  );
}

// On PostgreSQL there is nothing to configure.
const POSTGRESQL_CONFIGURATION = `export default {
  dialect: 'postgresql',
  schema: './schema.ts',
  dbCredentials: { url: String(process.env['DATABASE_URL']) },
};`;

/** Writes the files into a folder from which the packages of this checkout can be imported. */
function writeApplication(folder: TemporaryFolder, engine: 'PostgreSQL' | 'MySQL'): void {
  const configuration = ['drizzle.config.ts', POSTGRESQL_CONFIGURATION] as const;
  for (const [name, text] of new Map([configuration, ...filesFor(engine)]))
    writeFileSync(join(folder.path, name), text);
  symlinkSync(MODULES, join(folder.path, 'node_modules'));
}

async function push(folder: TemporaryFolder, url: string): Promise<string> {
  const program = join(MODULES, 'drizzle-kit/bin.cjs');
  const { status, stdout, stderr } = await runProgram([program, 'push', '--force', '--verbose'], {
    folder: folder.path,
    environment: { DATABASE_URL: url },
  });
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  return stdout;
}

// Each takes several seconds.
for (const engine of isFullRun ? servers : []) {
  describe(`drizzle-kit push beside Latchkey (${engine.name})`, () => {
    it('with the files of the guide creates the tables of the application and leaves those of Latchkey', async () => {
      await using empty = await engine.create();
      await using application = asApplication(empty.url);
      const isPostgresql = application.database.engine === 'postgresql';
      // The user of the tests has the name of the schema, which the guide advises against.
      const url = isPostgresql ? `${empty.url}?options=-csearch_path%3Dpublic` : empty.url;
      using folder = temporaryFolder();
      writeApplication(folder, isPostgresql ? 'PostgreSQL' : 'MySQL');
      await using system = await startSystem({}, existingDatabase(empty.url));
      await system.visitor().register(ADA.username, ADA.password);
      const first = await push(folder, url);
      assert.match(first, /CREATE TABLE .notes./);
      const forgotten = isPostgresql ? 'public.forgotten' : 'forgotten';
      await application.run(`create table ${forgotten} (id integer)`);
      const second = await push(folder, url);
      const dropped = [...`${first}${second}`.matchAll(/^DROP .*$/gm)].map(([statement]) => statement);
      assert.ok(dropped.length === 1 && /forgotten/.test(String(dropped[0])), `${first}${second}`);
      const tables = (await readTables()).map(({ name }) => name);
      const { catalog, queries } = application.database;
      assert.equal((await catalog.findExisting(queries, [...tables, 'users'])).length, tables.length + 1);
      assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 303);
    });
  });
}

describe(GUIDE, () => {
  it('lists every table of Latchkey as external for Prisma', async () => {
    const listed = [...readDocument(GUIDE).matchAll(/^ +'latchkey\.(\w+)',$/gm)].map(([, name]) => name);
    assert.deepEqual(listed, (await readTables()).map(({ name }) => name).sort());
  });
});
