import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { existingDatabase, onEveryDatabase } from '../../tests/kit/databases.ts';
import { recorded, runCommands, runCommandsOn } from '../../tests/kit/processes.ts';
import { existingAccountId, reachInside, startSystem, type TestSystem } from '../../tests/kit/system.ts';
import { temporaryFolder } from '../../tests/kit/temporary.ts';
import { ADA, BEN } from '../../tests/kit/visitor.ts';
import { DAY } from '../platform/runtime/clock.ts';
import { commandLineActor } from './context.ts';

async function adaAndBen(system: TestSystem) {
  const [ada, ben] = [system.visitor(), system.visitor()];
  await ada.register(ADA.username, ADA.password, 'ada@example.org');
  system.clock.advance(1);
  await ben.register(BEN.username, BEN.password);
  await ada.signIn(ADA.username, ADA.password);
  await ben.signIn(BEN.username, BEN.password);
  const id = await existingAccountId(system, ADA.username);
  return { ada, ben, id };
}

function withoutTime({ time, ...rest }: Readonly<Record<string, unknown>>) {
  assert.equal(typeof time, 'string');
  return rest;
}

describe('latchkey user', () => {
  it('prints help for itself and for each of its subcommands', async () => {
    using folder = temporaryFolder();
    const verbs = [
      'list',
      'show',
      'create',
      'disable',
      'enable',
      'delete',
      'sign-out',
      'reset-link',
      'roles',
      'tokens',
      'factors',
      'reset-factors',
    ];
    const lines = [['user', '--help'], ['help', 'user'], ...verbs.map((verb) => ['user', verb, '--help'])];
    const [overview, same, ...explanations] = await runCommands(folder.path, lines);
    const listed = overview?.stdout.matchAll(/^ {2}([a-z-]+) +[A-Z].*\.$/gm) ?? [];
    assert.deepEqual(
      [...listed].map(([, verb]) => verb),
      verbs,
    );
    assert.equal(same?.stdout, overview?.stdout);
    for (const [position, { status, stdout, stderr }] of explanations.entries()) {
      assert.deepEqual([status, stderr], [0, '']);
      const operands = { list: '', create: ' USERNAME' }[String(verbs[position])] ?? ' NAME';
      assert.ok(stdout.startsWith(`Usage: latchkey user ${verbs[position]} [options]${operands}\n`), stdout);
    }
    assert.deepEqual(readdirSync(folder.path), [], 'asking for help makes no database');
  });

  it('explains invalid arguments in one line, and creates no database', async () => {
    using folder = temporaryFolder();
    const attempts = [
      [['user'], 64, /^Say what to do\. See: latchkey user --help\n$/],
      [['user', 'fly'], 64, /^There is no “user fly”\. See: latchkey user --help\n$/],
      [['user', 'show'], 64, /^latchkey user show takes a NAME\. See: latchkey user show --help\n$/],
      [['user', 'list', 'all'], 64, /^Unexpected argument 'all'.* See: latchkey user list --help\n$/],
      [['user', 'list'], 1, /^DATABASE_URL: there is no database yet; run: latchkey serve\n$/],
    ] as const;
    const endings = await runCommands(
      folder.path,
      attempts.map(([words]) => words),
    );
    for (const [position, { status, stdout, stderr }] of endings.entries()) {
      assert.deepEqual([status, stdout], [attempts[position]?.[1], '']);
      assert.match(stderr, attempts[position]?.[2] ?? /^$/);
    }
    assert.deepEqual(readdirSync(folder.path), []);
  });
});

onEveryDatabase('latchkey user', (engine) => {
  it('lists and shows users as text and as JSON, without secrets', async () => {
    await using system = await startSystem({}, engine);
    const { id } = await adaAndBen(system);
    const lines = [
      ['user', 'list'],
      ['user', 'list', '--json'],
      ['user', 'show', 'ADA'],
      ['user', 'show', ' ada@Example.org', '--json'],
      ['user', 'show', id, '--json'],
    ];
    const endings = await runCommandsOn(system, lines);
    for (const { status, stderr } of endings) assert.deepEqual([status, stderr], [0, '']);
    const [text = '', scripts = '', shown = '', byAddress = '', byId = ''] = endings.map(
      ({ stdout }) => stdout,
    );
    assert.match(text, /^\S{36} {2}Ada {2}ada@example\.org {2}enabled\n\S{36} {2}Ben {2}enabled\n$/);
    assert.deepEqual(
      JSON.parse(scripts).map(({ username }: { username: string }) => username),
      ['Ada', 'Ben'],
    );
    assert.match(shown, /^Username +Ada\nId +\S{36}\nEmail +ada@example\.org \(not confirmed\)\n/);
    assert.match(shown, /^Status +enabled\nSessions +\d/m);
    assert.equal(byId, byAddress);
    const keys = [
      'createdAt',
      'deleteAt',
      'disabledAt',
      'email',
      'emailVerifiedAt',
      'id',
      'roles',
      'sessions',
    ];
    assert.deepEqual(Object.keys(JSON.parse(byId)).sort(), [...keys, 'state', 'username']);
  });

  it('A12: disables an account on a running server from the next request on, and enables it again', async () => {
    await using system = await startSystem({}, engine);
    const { ada, ben, id } = await adaAndBen(system);
    const disabling = await runCommandsOn(system, [
      ['user', 'disable', 'Ada'],
      ['user', 'disable', 'Ada', '--json'],
      ['user', 'list'],
    ]);
    assert.equal((await ada.get('/api/session')).status, 401);
    assert.equal((await ben.get('/api/session')).status, 200, 'nobody else');
    const again = await ada.signIn(ADA.username, ADA.password);
    assert.equal(again.status, 401);
    assert.match(again.body, /Invalid username or password/, 'as with a wrong password');
    const [first, second, list] = disabling;
    assert.equal(first?.stdout, 'Ada is now disabled.\n');
    assert.deepEqual(recorded(String(first?.stderr)).map(withoutTime), [
      {
        level: 'info',
        event: 'account-disabled',
        accountId: id,
        work: 'user disable',
        by: commandLineActor(),
      },
    ]);
    assert.deepEqual(JSON.parse(String(second?.stdout)), { id, username: 'Ada', changed: false });
    assert.equal(second?.stderr, '');
    assert.match(String(list?.stdout), /Ada {2}ada@example\.org {2}disabled since 20\S+Z\n/);

    const [enabled] = await runCommandsOn(system, [['user', 'enable', 'Ada']]);
    assert.equal(enabled?.stdout, 'Ada is now enabled.\n');
    assert.equal((await ada.get('/api/session')).status, 401, 'what has ended stays so');
    assert.equal((await ada.signIn(ADA.username, ADA.password)).status, 303);
  });

  it('A12: locks out an account that it disables or deletes while requests are under way', async () => {
    await using system = await startSystem({}, engine);
    const { ada, ben } = await adaAndBen(system);
    for (const [visitor, line] of [
      [ada, ['user', 'disable', 'Ada']],
      [ben, ['user', 'delete', 'Ben', '--yes']],
    ] as const) {
      let isDone = false;
      const command = runCommandsOn(system, [line]).finally(() => {
        isDone = true;
      });
      const statuses: number[] = [];
      while (!isDone) {
        statuses.push((await visitor.get('/api/session')).status);
        // The command runs in this process, so it needs turns of the event loop.
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.equal((await command)[0]?.status, 0);
      statuses.push((await visitor.get('/api/session')).status);
      const [first, last] = [statuses.indexOf(401), statuses.lastIndexOf(200)];
      assert.ok(statuses[0] === 200 && first > last, `${last} ${first}`);
      assert.ok(statuses.every((status) => status === 200 || status === 401));
    }
  });

  it('A12: signs a user out of all sessions from the next request on', async () => {
    await using system = await startSystem({}, engine);
    const { ada, ben, id } = await adaAndBen(system);
    const elsewhere = system.visitor();
    await elsewhere.signIn(ADA.username, ADA.password);
    const [out] = await runCommandsOn(system, [['user', 'sign-out', 'ada', '--json']]);
    assert.deepEqual(JSON.parse(String(out?.stdout)), { id, username: 'Ada', sessions: 2 });
    for (const browser of [ada, elsewhere]) assert.equal((await browser.get('/api/session')).status, 401);
    assert.equal((await ben.get('/api/session')).status, 200);
    assert.equal((await ada.signIn(ADA.username, ADA.password)).status, 303);
  });

  it('A12: deletes a user only with --yes, and permanently', async () => {
    await using system = await startSystem({}, engine);
    const { ada, ben, id } = await adaAndBen(system);
    const [unasked, deleted, repeated] = await runCommandsOn(system, [
      ['user', 'delete', 'Ada'],
      ['user', 'delete', 'Ada', '--yes'],
      ['user', 'delete', 'Ada', '--yes'],
    ]);
    assert.equal(unasked?.status, 64);
    assert.match(String(unasked?.stderr), /^This would delete Ada \(\S{36}\) for good; .*--yes\n$/);
    assert.equal(deleted?.stdout, 'Ada is deleted.\n');
    assert.equal(recorded(String(deleted?.stderr))[0]?.['event'], 'account-deleted');
    assert.deepEqual(
      [repeated?.status, repeated?.stdout, repeated?.stderr],
      [1, '', 'There is no account “Ada”\n'],
    );
    assert.equal((await ada.get('/api/session')).status, 401);
    assert.equal((await ben.get('/api/session')).status, 200);
    const { accounts } = reachInside(system, 'no page finds an account by its id').core;
    assert.equal(await accounts.read(id), null);
    assert.equal(
      (await system.visitor().register(ADA.username, ADA.password)).status,
      303,
      'the name is free',
    );
  });

  it('A56: escapes control characters in the user agents that it prints', async () => {
    await using system = await startSystem({}, engine);
    await adaAndBen(system);
    const name = 'x\u009b31m\u009d0;title\u009c\u007f\u00ad"\\';
    await system.visitor().submit('/login', { ...ADA }, { 'user-agent': name });
    // The command uses the clock of this machine.
    const inside = reachInside(system, 'by the clock of the command, the sessions have expired');
    const { queries } = inside.core.database;
    await queries
      .updateTable('sessions')
      .set({ expires_at: Date.now() + DAY })
      .execute();
    const [text, scripts] = await runCommandsOn(system, [
      ['user', 'show', 'Ada'],
      ['user', 'show', 'Ada', '--json'],
    ]);
    const quoted = '"x\\u009b31m\\u009d0;title\\u009c\\u007f\\u00ad\\"\\\\"';
    for (const { stdout = '' } of [{ ...text }, { ...scripts }]) {
      assert.ok(stdout.includes(quoted), stdout);
      assert.doesNotMatch(stdout, /[^\P{C}\n]/u);
    }
    const { sessions } = JSON.parse(String(scripts?.stdout));
    assert.ok(
      sessions.some(({ userAgent }: { userAgent: string }) => userAgent === name),
      'and loses nothing',
    );
  });

  it('prefers an account with the given id to an account with that id as its username', async () => {
    await using system = await startSystem({}, engine);
    const { id, ben } = await adaAndBen(system);
    assert.equal((await ben.signOut()).status, 303);
    assert.equal((await system.visitor().register(id, BEN.password)).status, 303);
    const [shown] = await runCommandsOn(system, [['user', 'show', id, '--json']]);
    assert.equal(JSON.parse(String(shown?.stdout)).username, 'Ada');
  });

  it('lists all users, also more than 500', async () => {
    await using system = await startSystem({}, engine);
    const { accounts } = reachInside(system, 'registering 501 users over HTTP takes too long').core;
    for (let number = 0; number < 501; number += 1) {
      const account = { username: { username: `No ${number}`, key: `no ${number}` }, email: null };
      await accounts.create(account, system.clock.read(), async () => {});
    }
    const [list, scripts] = await runCommandsOn(system, [
      ['user', 'list'],
      ['user', 'list', '--json'],
    ]);
    assert.equal(new Set(list?.stdout.trim().split('\n')).size, 501);
    assert.equal(JSON.parse(String(scripts?.stdout)).length, 501);
  });

  it('refuses a database that lacks a schema step', async () => {
    await using empty = await engine.create();
    {
      await using system = await startSystem({}, existingDatabase(empty.url));
      const { core } = reachInside(system, 'no public function undoes a migration');
      await core.database.queries.deleteFrom('migrations').where('number', '=', 1).execute();
    }
    using folder = temporaryFolder();
    const [list] = await runCommands(folder.path, [['user', 'list']], { DATABASE_URL: empty.url });
    assert.equal(list?.status, 1);
    assert.match(String(list?.stderr), /^DATABASE_URL: the database lacks schema step 1, .*migrate --up\n$/);
  });
});
