import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { type Engine, engines, onEveryDatabase } from '../../tests/kit/databases.ts';
import { SECRET_KEY } from '../../tests/kit/system.ts';
import { temporaryFolder } from '../../tests/kit/temporary.ts';
import { createLatchkey } from '../index.ts';
import { connectTestLatchkey, testSecretKey } from './index.ts';

const ORIGIN = 'http://localhost:3000';

/** The server of an application, on a database of its own. */
async function startServer(engine: Engine | undefined = engines[0], secretKey = testSecretKey) {
  assert.ok(engine !== undefined);
  const database = await engine.createMigrated();
  const options = {
    databaseUrl: database.url,
    roles: ['admin'],
    scopes: ['notes'],
    logLevel: 'silent',
  } as const;
  const server = createLatchkey({ ...options, secretKey });
  await server.ready;
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= server.close());
  return {
    server,
    options,
    close,
    [Symbol.asyncDispose]: async () => {
      await close();
      await database[Symbol.asyncDispose]();
    },
  };
}

const post = (path: string, fields: object) =>
  new Request(ORIGIN + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fields),
  });

onEveryDatabase('a test of a server in another process', (engine) => {
  it('signs users in at the server, and deletes those that it has created', async () => {
    await using application = await startServer(engine);
    await using auth = connectTestLatchkey(application.options);
    const { server } = application;
    const other = await server.users.create({ username: 'Other', by: 'a test' });
    assert.ok(other.ok);
    const { user, headers, password } = await auth.user({ roles: ['admin'] });
    const entry = await server.guard({ method: 'POST', url: '/notes', headers }, { role: 'admin' });
    assert.ok(entry.ok);
    assert.deepEqual(entry.user, user);
    const signIn = post('/api/login', { username: user.username, password });
    assert.equal((await server.handle(signIn, 'unknown'))?.status, 200);
    assert.equal((await auth.signIn(other.user)).user.username, 'Other');
    const created = await auth.tokens.create(user.id, { name: 'cron', scopes: ['notes'], by: 'a test' });
    assert.ok(created.ok);
    const api = { url: '/api/notes', headers: { authorization: `Bearer ${created.token}` } };
    assert.ok((await server.guard(api, { scope: 'notes' })).ok);
    await auth.reset();
    assert.equal(await server.session({ headers }), null);
    const { users } = await server.users.list();
    assert.deepEqual(
      users.map(({ username }) => username),
      ['Other'],
    );
  });
});

describe('a test of a server in another process', () => {
  it('reads the mails of the server, and waits for one that is being written', async () => {
    await using application = await startServer();
    await using auth = connectTestLatchkey(application.options);
    const { user } = await auth.user({ email: 'ada@example.org' });
    const request = post('/api/forgot-password', { username: user.username });
    const asked = application.server.handle(request, 'unknown');
    const { name, links } = await auth.mails.lastTo('ada@example.org');
    assert.equal((await asked)?.status, 200);
    assert.equal(name, 'reset-password');
    assert.match(String(links[0]), /^http:\/\/localhost:3000\/reset-password\?token=/);
  });

  it('A57: writes nothing into a database that was ever used with another key', async () => {
    await using application = await startServer(engines[0], SECRET_KEY);
    const { server, options } = application;
    const path = options.databaseUrl.slice('sqlite:'.length);
    const created = await server.users.create({ username: 'Ada', by: 'a user' });
    assert.ok(created.ok);
    await application.close();
    const before = contentOf(path);
    await using auth = connectTestLatchkey(options);
    const refused = /does not use a database that was written with another secretKey/;
    await assert.rejects(auth.user({ roles: ['admin'] }), refused);
    await assert.rejects(auth.signIn(created.user), refused);
    await assert.rejects(auth.users.delete(created.user.id, { by: 'a test' }), refused);
    await auth.reset();
    await auth.close();
    assert.deepEqual(contentOf(path), before);
    const mistaken = createLatchkey({ ...options, secretKey: testSecretKey });
    await mistaken.ready;
    await mistaken.close();
    await using again = connectTestLatchkey(options);
    await assert.rejects(again.user(), refused, 'nor where a server has done so since');
  });

  it('A57: leaves the schema to the server, and is refused for an origin that is not of this machine', async () => {
    using folder = temporaryFolder();
    const options = { databaseUrl: `sqlite:${folder.path}/new.db`, logLevel: 'silent' } as const;
    await using auth = connectTestLatchkey(options);
    await assert.rejects(auth.user(), /lacks schema step 1.*latchkey\/testing leaves that to the server/);
    const production = { ...options, baseUrl: 'https://notes.example' };
    assert.throws(() => connectTestLatchkey(production), /does not run in production/);
  });
});

/** Every row of the tables that a test of an application writes. */
function contentOf(path: string): unknown {
  using database = new DatabaseSync(path);
  const tables = ['accounts', 'sessions', 'account_roles', 'mail_outbox', 'audit_events', 'audit_ends'];
  return tables.map((table) => database.prepare(`select * from ${table}`).all());
}
