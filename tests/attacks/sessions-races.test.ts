import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, HOUR, MINUTE } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { disableAccount, reachInside, startSystem } from '../kit/system.ts';
import { ADA, presentToken, SESSION, visit } from '../kit/visitor.ts';

async function inGroupsOf<Item, Result>(
  size: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += size) {
    results.push(...(await Promise.all(items.slice(start, start + size).map(work))));
  }
  return results;
}

onEveryDatabase('a session', (engine) => {
  it('A10: is not revived by a request that was under way when it ended', async () => {
    await using system = await startSystem({}, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    const token = String(ada.cookies.get(SESSION));
    const { sessions, database } = reachInside(system, 'both must wait for the same writer').core;
    const { user, session } = JSON.parse((await ada.get('/api/session')).body);
    const later = system.clock.read() + 2 * MINUTE;
    // Both wait for the same writer: first the sign-out, then the “last seen” of a request that was checked before it.
    const work = await database.transaction(async () => {
      const ended = sessions.end(user.id, session.id);
      const lateRequest = Promise.resolve(sessions.check(token, visit(later)));
      await new Promise((resolve) => setImmediate(resolve));
      return [ended, lateRequest];
    });
    const [ended] = await Promise.all(work);
    assert.equal(ended, true);
    assert.equal((await presentToken(system, token)).status, 401);
    const left = await database.queries.selectFrom('sessions').select('id').execute();
    assert.equal(left.length, 0);
  });

  it('A12: is refused at the next request once the account is disabled, and no new one begins', async () => {
    await using system = await startSystem({}, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    await disableAccount(system, ADA.username);
    assert.equal((await ada.get('/api/session')).status, 401);
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 401);
  });

  it('A59: does not live longer when the clock steps back', async () => {
    await using system = await startSystem({ sessionIdle: '1h', sessionLifetime: '1d' }, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    system.clock.advance(30 * MINUTE);
    assert.equal((await ada.get('/api/session')).status, 200);
    system.clock.advance(-HOUR);
    assert.equal((await ada.get('/api/session')).status, 200);
    system.clock.advance(2 * HOUR);
    assert.equal((await ada.get('/api/session')).status, 401, 'idle counts from the latest moment seen');
    system.clock.advance(DAY);
    assert.equal((await ada.get('/api/session')).status, 401);
  });

  it('A60: belongs to the user who signed in when two hundred sign-ins come at once', async () => {
    await using system = await startSystem({}, engine);
    const names = Array.from({ length: 20 }, (_, number) => `Person ${number}`);
    for (const name of names) await system.visitor().register(name, `the passphrase of ${name}!`);
    const attempts = Array.from({ length: 200 }, (_, number) => names[number % names.length] ?? '');
    const results = await inGroupsOf(50, attempts, async (name) => {
      const visitor = system.visitor();
      await visitor.signIn(name, `the passphrase of ${name}!`);
      const [session, page] = await Promise.all([visitor.get('/api/session'), visitor.get('/dashboard')]);
      return { name, session: session.body, page: page.body };
    });
    for (const { name, session, page } of results) {
      assert.match(session, new RegExp(`"username":"${name}"`));
      assert.match(page, new RegExp(`<bdi>${name}</bdi>`));
    }
  });
});
