import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { existingDatabase, onEveryDatabase } from '../../../tests/kit/databases.ts';
import { rolesOf } from '../../../tests/kit/federation.ts';
import { accountIdOf, eventsOf, startSystem, type TestSystem, usersOf } from '../../../tests/kit/system.ts';
import { ADA, BEN, type Credentials } from '../../../tests/kit/visitor.ts';
import { splitRoles } from './store.ts';

const ROLES = { roles: 'admin,editor,reader' };
const BY = { by: 'a test' };

async function signedIn(system: TestSystem, { username, password }: Credentials = ADA) {
  const visitor = system.visitor();
  await visitor.register(username, password);
  await visitor.signIn(username, password);
  return { visitor, id: String(await accountIdOf(system, username)) };
}

onEveryDatabase('the roles of an account', (engine) => {
  it('A12: are effective at the next request of each of its sessions, and are lost at the next one', async () => {
    await using system = await startSystem(ROLES, engine);
    const { visitor: ada, id } = await signedIn(system);
    const { visitor: ben } = await signedIn(system, BEN);
    const elsewhere = system.visitor();
    await elsewhere.signIn(ADA.username, ADA.password);
    const users = usersOf(system);
    await users.update(id, { roles: ['reader', 'admin'], ...BY });
    for (const browser of [ada, elsewhere])
      assert.deepEqual(await rolesOf(browser), ['admin', 'reader'], 'in the order of the setting');
    assert.deepEqual(await rolesOf(ben), []);
    await users.update(id, { roles: { remove: ['admin'] }, ...BY });
    for (const browser of [ada, elsewhere]) assert.deepEqual(await rolesOf(browser), ['reader']);
    await users.update(id, { roles: [], ...BY });
    assert.deepEqual(await rolesOf(ada), []);
    assert.deepEqual(
      eventsOf(system, 'roles-changed').map(({ added, removed }) => [added, removed]),
      [
        [['reader', 'admin'], []],
        [[], ['admin']],
        [[], ['reader']],
      ],
    );
  });

  it('are all kept when sixteen changes race', async () => {
    const names = Array.from({ length: 16 }, (_, number) => `role-${number}`);
    await using system = await startSystem({ roles: names.join() }, engine);
    const { visitor: ada, id } = await signedIn(system);
    const users = usersOf(system);
    const results = await Promise.all(
      names.map((name) => users.update(id, { roles: { add: [name] }, ...BY })),
    );
    assert.ok(results.every(({ ok }) => ok));
    assert.deepEqual(await rolesOf(ada), names);
    await Promise.all(names.slice(1).map((name) => users.update(id, { roles: { remove: [name] }, ...BY })));
    assert.deepEqual(await rolesOf(ada), ['role-0']);
  });

  it('are refused where they are not defined, and changed for no unknown account', async () => {
    await using system = await startSystem(ROLES, engine);
    const { visitor: ada, id } = await signedIn(system);
    const users = usersOf(system);
    const attempts = [['owner'], ['admin', 'owner'], { add: ['owner'] }, ['Admin'], ['admin '], ['']];
    for (const roles of attempts)
      assert.deepEqual(await users.update(id, { roles, ...BY }), { ok: false, reason: 'unknown-role' });
    assert.deepEqual(await rolesOf(ada), []);
    const unknown = '00000000-0000-7000-8000-000000000000';
    for (const other of [unknown, '', id.toUpperCase(), `${id} `])
      assert.deepEqual(await users.update(other, { roles: ['admin'], ...BY }), {
        ok: false,
        reason: 'not-found',
      });
    assert.deepEqual(eventsOf(system, 'roles-changed'), []);
  });

  it('are ignored once the application defines them no more, and come back with their definition', async () => {
    await using empty = await engine.create();
    const there = existingDatabase(empty.url);
    const rolesWith = async (options: { roles?: string }, change: readonly string[] | null) => {
      await using system = await startSystem(options, there);
      const visitor = system.visitor();
      await visitor.register(ADA.username, ADA.password);
      await visitor.signIn(ADA.username, ADA.password);
      const id = String(await accountIdOf(system, ADA.username));
      if (change !== null) await usersOf(system).update(id, { roles: change, ...BY });
      return [await rolesOf(visitor), (await usersOf(system).get(id))?.roles];
    };
    assert.deepEqual(await rolesWith(ROLES, ['admin', 'editor']), [
      ['admin', 'editor'],
      ['admin', 'editor'],
    ]);
    assert.deepEqual(await rolesWith({ roles: 'editor' }, null), [['editor'], ['editor']]);
    assert.deepEqual(await rolesWith({}, null), [[], []]);
    assert.deepEqual(await rolesWith(ROLES, null), [
      ['admin', 'editor'],
      ['admin', 'editor'],
    ]);
  });

  it('are in the export of its user, and are deleted with it', async () => {
    await using system = await startSystem(ROLES, engine);
    const { visitor: ada, id } = await signedIn(system);
    const users = usersOf(system);
    await users.update(id, { roles: ['editor'], by: 'Ms Moderator' });
    const text = (await ada.get('/account/export')).body;
    assert.deepEqual(JSON.parse(text).roles, [
      { role: 'editor', grantedAt: new Date(system.clock.read()).toISOString() },
    ]);
    assert.ok(!text.includes('Moderator'), 'who made the change is not about the user');
    assert.deepEqual(await users.delete(id, BY), { ok: true });
    assert.deepEqual((await users.list({ role: 'editor' })).users, []);
  });
});

describe('the text with the roles of an account', () => {
  it('loses a name that the engine has cut short, and no other one', () => {
    assert.deepEqual(splitRoles('admin editor '), ['admin', 'editor']);
    assert.deepEqual(splitRoles('admin edit'), ['admin']);
    assert.deepEqual(splitRoles(''), []);
  });
});

describe('the setting of roles', () => {
  it('is a list of names, none of which may be mistaken for another', async () => {
    for (const roles of ['', ' , ', 'admin user', 'admin,ed\u0430tor', 'a'.repeat(65), '-admin'])
      await assert.rejects(startSystem({ roles }), /ROLES/, roles);
    await using system = await startSystem({ roles: ' admin , editor,admin' });
    const { id } = await signedIn(system);
    assert.equal((await usersOf(system).update(id, { roles: ['editor'], ...BY })).ok, true);
  });
});
