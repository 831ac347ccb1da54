import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onEveryDatabase } from '../../tests/kit/databases.ts';
import { ADDRESS, isConfirmed, mailsOf, openAndReset, resetPathIn } from '../../tests/kit/mailed-links.ts';
import {
  accountIdOf,
  eventsOf,
  existingAccountId,
  reachInside,
  settleAudit,
  startSystem,
  type TestOptions,
  type TestSystem,
  usersOf,
} from '../../tests/kit/system.ts';
import {
  ADA,
  BEN,
  isSignedIn,
  NEW_PASSWORD,
  registerAndSignIn,
  requestDeletion,
} from '../../tests/kit/visitor.ts';
import { createLatchkey } from '../index.ts';
import { readDetails } from '../platform/audit-log/index.ts';
import { DAY } from '../platform/runtime/clock.ts';
import type { UserQuery } from './user-list.ts';

const BY = { by: 'a test' };
const UNKNOWN_ID = '00000000-0000-7000-8000-000000000000';
const NOT_FOUND = { ok: false, reason: 'not-found' };

async function create(system: TestSystem, username: string, more: object = {}): Promise<string> {
  const created = await usersOf(system).create({ username, ...more, ...BY });
  assert.ok(created.ok, JSON.stringify(created));
  system.clock.advance(1);
  return created.user.id;
}

onEveryDatabase('a user', (engine) => {
  it('is created, and found by id, username and address in every spelling', async () => {
    await using system = await startSystem({ roles: 'admin,editor' }, engine);
    const users = usersOf(system);
    const created = await users.create({
      username: 'Zoë',
      email: 'Zoe@Example.org',
      password: NEW_PASSWORD,
      roles: ['editor', 'editor'],
      ...BY,
    });
    assert.ok(created.ok && !created.mailed);
    const { user } = created;
    assert.deepEqual(user, {
      id: user.id,
      username: 'Zoë',
      email: 'Zoe@example.org',
      emailVerified: false,
      createdAt: system.clock.read(),
      state: 'active',
      roles: ['editor'],
    });
    assert.deepEqual(await users.get(user.id), user);
    for (const who of [{ username: ' zOË ' }, { email: 'ZOE@example.ORG' }])
      assert.deepEqual(await users.find(who), user);
    for (const who of [{ username: 'Zoe@example.org' }, { email: 'Zoë' }, { username: 'Zo' }, { email: '' }])
      assert.equal(await users.find(who), null, JSON.stringify(who));
    for (const id of [UNKNOWN_ID, '', user.id.toUpperCase(), "' or 1=1 --"])
      assert.equal(await users.get(id), null, id);
    assert.equal((await system.visitor().signIn('Zoë', NEW_PASSWORD)).location, '/dashboard');
  });

  it('is not created with a value that the registration form refuses', async () => {
    await using system = await startSystem({ blockedEmailDomains: 'spam.example', roles: 'admin' }, engine);
    await create(system, 'Ada', { email: ADDRESS });
    const attempts = [
      [{ username: 'ADA' }, 'username-taken'],
      [{ username: 'Countess', email: 'ADA@example.org' }, 'email-taken'],
      [{ username: 'ab' }, 'username-too-short'],
      [{ username: 'Support' }, 'username-reserved'],
      [{ username: 'Ben', email: 'ben@' }, 'email-not-an-address'],
      [{ username: 'Ben', email: 'ben@spam.example' }, 'email-blocked'],
      [{ username: 'Ben', password: 'short' }, 'password-too-short'],
      [{ username: 'Ben', password: 'correct horse battery staple' }, 'password-common'],
      [{ username: 'Ben', roles: ['owner'] }, 'unknown-role'],
    ] as const;
    for (const [user, reason] of attempts)
      assert.deepEqual(await usersOf(system).create({ ...user, ...BY }), { ok: false, reason });
    assert.equal(await accountIdOf(system, 'Ben'), null);
    await create(system, 'Support', { allowReserved: true });
  });

  it('A54: is created once when eight calls race for a name', async () => {
    await using system = await startSystem({}, engine);
    const attempts = ['Ada', 'ada', 'ADA', 'aDa', 'Ada', 'ada', 'ADA', 'aDa'];
    const results = await Promise.all(
      attempts.map((username) => usersOf(system).create({ username, password: NEW_PASSWORD, ...BY })),
    );
    assert.equal(results.filter(({ ok }) => ok).length, 1);
    const refused = results.filter((result) => !result.ok);
    assert.ok(refused.every(({ reason }) => reason === 'username-taken'));
  });

  for (const options of [{}, { email: 'required' }] satisfies TestOptions[])
    it(`without a password gets a mail to choose one, which confirms the address: ${JSON.stringify(options)}`, async () => {
      await using system = await startSystem(options, engine);
      const id = await create(system, 'Ada', { email: ADDRESS });
      system.clock.advance(DAY / 2);
      const [mail] = await mailsOf(system, 'account-created');
      assert.equal(mail?.to, ADDRESS);
      assert.ok(!mail.text.includes('Ada'), 'the address may be that of another user');
      assert.equal(await isConfirmed(system), false);
      assert.equal((await usersOf(system).get(id))?.state, 'active');
      const ada = system.visitor();
      assert.equal((await openAndReset(ada, resetPathIn(mail.text), NEW_PASSWORD)).status, 303);
      assert.equal(await isConfirmed(system), true);
      assert.equal((await ada.signIn(ADDRESS, NEW_PASSWORD)).location, '/dashboard');
    });

  it('has a confirmed address where the application has confirmed it', async () => {
    await using system = await startSystem({ email: 'required' }, engine);
    const users = usersOf(system);
    assert.deepEqual(await users.create({ username: 'Ada', ...BY }), { ok: false, reason: 'email-missing' });
    const id = await create(system, 'Ada', { email: ADDRESS, emailVerified: true, password: NEW_PASSWORD });
    assert.equal((await users.get(id))?.emailVerified, true);
    assert.deepEqual(await mailsOf(system, 'account-created'), []);
    assert.equal((await system.visitor().signIn(ADDRESS, NEW_PASSWORD)).location, '/dashboard');
  });
});

/** The usernames of all pages. */
async function namesOf(system: TestSystem, query: UserQuery = {}): Promise<readonly string[]> {
  const names: string[] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const page = await usersOf(system).list({ ...query, ...(after !== undefined && { after }) });
    assert.ok(page.users.length <= (query.limit ?? 50));
    assert.ok(page.users.length > 0 || page.next === null);
    names.push(...page.users.map(({ username }) => username));
    after = page.next;
  }
  return names;
}

const NAMES = ['Anna', 'ben', 'ann_x', 'Anne', 'Zoë', 'ann%y', 'Hannah', 'ÁNNA'];

async function startWithNames(engine: Parameters<typeof startSystem>[1]): Promise<TestSystem> {
  const system = await startSystem({ roles: 'admin,editor' }, engine);
  for (const username of NAMES.filter((name) => !name.includes('%'))) await create(system, username);
  return system;
}

onEveryDatabase('the list of users', (engine) => {
  it('comes page by page in the order of creation, without doubles and gaps', async () => {
    await using system = await startWithNames(engine);
    const all = await namesOf(system);
    assert.deepEqual(
      all,
      NAMES.filter((name) => !name.includes('%')),
    );
    for (const limit of [1, 2, 3, 7, 8]) assert.deepEqual(await namesOf(system, { limit }), all);
    const first = await usersOf(system).list({ limit: 2 });
    await create(system, 'Later');
    await usersOf(system).delete(String(first.users[1]?.id), BY);
    const second = await usersOf(system).list({ limit: 10, after: String(first.next) });
    assert.deepEqual(
      second.users.map(({ username }) => username),
      [...all.slice(2), 'Later'],
      'also when accounts come and go meanwhile',
    );
  });

  it('finds the beginnings of usernames and addresses in any case, and takes wildcards as they are', async () => {
    await using system = await startWithNames(engine);
    await create(system, 'Carl', { email: 'Anton@example.org', password: NEW_PASSWORD });
    await create(system, 'Annette', { email: 'annette_b@example.org', password: NEW_PASSWORD });
    const searches: readonly (readonly [string, readonly string[]])[] = [
      ['ann', ['ann_x', 'Anna', 'Anne', 'Annette']],
      [' ANN ', ['ann_x', 'Anna', 'Anne', 'Annette']],
      ['an', ['ann_x', 'Anna', 'Anne', 'Annette', 'Carl']],
      ['ann_', ['ann_x']],
      ['%', []],
      ['_nn', []],
      ['a%', []],
      ['zo', ['Zoë']],
      ['zoë', ['Zoë']],
      ['ánn', ['ÁNNA']],
      ['anton@EX', ['Carl']],
      ['annette_', ['Annette']],
      ['@', []],
      ["' or ''='", []],
      ['ann\\', []],
      ['ann\0', []],
      ['a'.repeat(10_000), []],
      ['\ud800', []],
    ];
    for (const [search, expected] of searches)
      for (const limit of [1, 50])
        assert.deepEqual(await namesOf(system, { search, limit }), expected, search);
    assert.equal((await namesOf(system, { search: '  ' })).length, 9, 'nothing to search for');
  });

  it('chooses by state and by role', async () => {
    await using system = await startWithNames(engine);
    const users = usersOf(system);
    const idOf = async (name: string) => String(await accountIdOf(system, name));
    for (const name of ['Zoë', 'ben']) await users.disable(await idOf(name), BY);
    for (const name of ['Anne', 'ben', 'Anna'])
      await users.update(await idOf(name), { roles: ['editor'], ...BY });
    await registerAndSignIn(system.visitor(), ADA);
    const ada = await registerAndSignIn(system.visitor(), { ...BEN, username: 'Leaver' });
    await requestDeletion(ada);
    for (const limit of [1, 50]) {
      assert.deepEqual(await namesOf(system, { state: 'disabled', limit }), ['ben', 'Zoë']);
      assert.deepEqual(await namesOf(system, { state: 'leaving', limit }), ['Leaver']);
      assert.deepEqual(await namesOf(system, { role: 'editor', limit }), ['Anna', 'ben', 'Anne']);
      assert.deepEqual(await namesOf(system, { role: 'editor', state: 'active', limit }), ['Anna', 'Anne']);
      assert.deepEqual(await namesOf(system, { role: 'editor', search: 'ann', limit }), ['Anna', 'Anne']);
      assert.deepEqual(await namesOf(system, { role: 'admin', limit }), []);
      assert.deepEqual(await namesOf(system, { role: 'owner', limit }), []);
    }
    assert.equal((await namesOf(system, { state: 'active' })).length, 6);
  });

  it('is empty for a cursor that is invalid, and never longer than its maximum', async () => {
    await using system = await startWithNames(engine);
    const users = usersOf(system);
    const { next } = await users.list({ limit: 1 });
    const forged = Buffer.from(JSON.stringify(['created', 1, "' or 1=1"])).toString('base64url');
    for (const after of ['', 'null', '%', forged, `${next}x`.repeat(500)])
      assert.deepEqual(await users.list({ after }), { users: [], next: null }, after);
    assert.deepEqual(await users.list({ search: 'ann', after: String(next) }), { users: [], next: null });
    for (const limit of [0, -1, Number.NaN, 0.5]) assert.ok((await users.list({ limit })).users.length >= 1);
    for (let number = 0; number < 200; number += 1) await create(system, `No ${number}`);
    for (const limit of [200, 1_000, Number.POSITIVE_INFINITY])
      assert.equal((await users.list({ limit })).users.length, 200);
    assert.equal((await users.list()).users.length, 50);
  });
});

/** Who made which change, as the audit log has it. */
async function recordedChanges(system: TestSystem) {
  await settleAudit(system);
  const { audit } = reachInside(system, 'no page shows who made a change').core;
  const id = await existingAccountId(system, ADA.username);
  const records = await audit.newestOf(id, 20);
  return records
    .filter(({ work }) => work === 'application')
    .map(({ type, details }) => `${type} by ${readDetails(details).by}`);
}

onEveryDatabase('a change of a user', (engine) => {
  it('A12: is recorded with who made it, and ends sessions at once', async () => {
    await using system = await startSystem({ roles: 'admin' }, engine);
    const ada = await registerAndSignIn(system.visitor());
    const id = String(await accountIdOf(system, ADA.username));
    const users = usersOf(system);
    assert.equal((await users.sessions(id)).length, 1);
    assert.deepEqual(await users.signOut(id, { by: UNKNOWN_ID }), { ok: true, sessions: 1 });
    assert.equal(await isSignedIn(ada), false);
    await ada.signIn(ADA.username, ADA.password);
    await users.update(id, { roles: ['admin'], by: 'cron' });
    assert.deepEqual(
      (await users.sessions(id)).map(({ roles }) => roles),
      [['admin']],
    );
    assert.deepEqual(await users.disable(id, { by: 'Ms Moderator' }), { ok: true, changed: true });
    assert.deepEqual(await users.disable(id, { by: 'Ms Moderator' }), { ok: true, changed: false });
    assert.equal((await users.get(id))?.state, 'disabled');
    assert.equal(await isSignedIn(ada), false);
    assert.deepEqual(await users.resetLink(id, BY), { ok: false, reason: 'disabled' });
    assert.deepEqual(await users.enable(id, { by: 'Ms Moderator' }), { ok: true, changed: true });
    assert.equal((await users.resetLink(id, { by: 'support' })).ok, true);
    assert.deepEqual(await recordedChanges(system), [
      'password-reset-link-created by support',
      'account-enabled by Ms Moderator',
      'account-disabled by Ms Moderator',
      'roles-changed by cron',
      `signed-out-everywhere by ${UNKNOWN_ID}`,
    ]);
    assert.ok(system.logLines.some((line) => line.includes('"work":"application","by":"cron"')));
  });

  it('deletes for good, once when eight calls race', async () => {
    await using system = await startSystem({}, engine);
    const id = await create(system, 'Ada', { email: ADDRESS, emailVerified: true });
    const results = await Promise.all(Array.from({ length: 8 }, () => usersOf(system).delete(id, BY)));
    assert.equal(results.filter(({ ok }) => ok).length, 1);
    assert.equal(await usersOf(system).get(id), null);
    assert.equal(eventsOf(system, 'account-deleted').length, 1);
    assert.equal((await mailsOf(system, 'account-deleted')).length, 1);
  });

  it('is refused for an unknown or malformed id', async () => {
    await using system = await startSystem({ roles: 'admin' }, engine);
    const users = usersOf(system);
    for (const id of [UNKNOWN_ID, '', 'Ada', '%']) {
      for (const change of ['disable', 'enable', 'delete', 'signOut', 'resetLink'] as const)
        assert.deepEqual(await users[change](id, BY), NOT_FOUND, change);
      assert.deepEqual(await users.update(id, { roles: ['admin'], ...BY }), NOT_FOUND);
      assert.deepEqual(await users.sessions(id), []);
    }
    assert.deepEqual(system.events, []);
  });

  it('is not made without an actor', async () => {
    await using system = await startSystem({}, engine);
    const id = await create(system, 'Ada', { password: NEW_PASSWORD });
    const users = usersOf(system);
    for (const by of ['', ' ', 'a'.repeat(101), 'a\nb', 'a\0b']) {
      for (const change of ['disable', 'enable', 'delete', 'signOut', 'resetLink', 'update'] as const)
        await assert.rejects(users[change](id, { by }), TypeError, change);
      await assert.rejects(users.create({ username: 'Ben', by }), TypeError);
    }
    assert.equal((await users.get(id))?.state, 'active');
  });

  it('hands over a link that sets a password once', async () => {
    await using system = await startSystem({}, engine);
    const id = await create(system, 'Ada');
    const users = usersOf(system);
    const [first, second] = [await users.resetLink(id, BY), await users.resetLink(id, BY)];
    assert.ok(first.ok && second.ok);
    assert.equal(second.expiresAt, system.clock.read() + DAY);
    const pathOf = (url: string) => url.slice(system.origin.length);
    const visitor = system.visitor();
    assert.equal((await visitor.get(pathOf(first.url))).status, 303);
    assert.equal((await visitor.get('/reset-password')).status, 410, 'the newest alone works');
    assert.equal((await openAndReset(visitor, pathOf(second.url), NEW_PASSWORD)).status, 303);
    assert.equal((await visitor.signIn('Ada', NEW_PASSWORD)).location, '/dashboard');
  });
});

describe('the roles of an application', () => {
  it('are known to the compiler wherever a role is given', async () => {
    const latchkey = createLatchkey({
      databaseUrl: 'sqlite::memory:',
      logLevel: 'silent',
      roles: ['admin', 'editor'],
    });
    const { users } = latchkey;
    latchkey.roleRequired('editor');
    // @ts-expect-error: a misspelt role
    latchkey.roleRequired('ownr');
    // @ts-expect-error: a role that is not defined
    assert.deepEqual(await users.update(UNKNOWN_ID, { roles: ['x'], ...BY }), NOT_FOUND);
    // @ts-expect-error: the same in a change
    await users.update(UNKNOWN_ID, { roles: { add: ['x'] }, ...BY });
    // @ts-expect-error: no actor
    await assert.rejects(users.update(UNKNOWN_ID, { roles: ['admin'] }));
    // @ts-expect-error: a role that is not defined
    assert.deepEqual(await users.list({ role: 'x' }), { users: [], next: null });
    const created = await users.create({ username: 'Ada', roles: ['admin'], ...BY });
    const [role] = created.ok ? created.user.roles : [];
    const known: 'admin' | 'editor' | undefined = role;
    assert.equal(known, 'admin');
    await latchkey.close();
  });

  it('are any text without the option', async () => {
    const latchkey = createLatchkey({ databaseUrl: 'sqlite::memory:', logLevel: 'silent' });
    latchkey.roleRequired('what a provider asserts');
    const created = await latchkey.users.create({ username: 'Ada', ...BY });
    assert.ok(created.ok);
    const { id } = created.user;
    const update = { roles: ['admin'], ...BY };
    assert.deepEqual(await latchkey.users.update(id, update), { ok: false, reason: 'unknown-role' });
    await latchkey.close();
  });
});
