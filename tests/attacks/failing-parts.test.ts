import assert from 'node:assert/strict';
import { it } from 'node:test';
import { until } from '../kit/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { accountIdOf, reachInside, startSystem, type TestSystem } from '../kit/system.ts';
import { ADA, WRONG_PASSWORD } from '../kit/visitor.ts';

const databaseOf = (system: TestSystem) =>
  reachInside(system, 'no public function closes the database alone').core.database;

onEveryDatabase('the system while one of its parts fails', (engine) => {
  it('A58: answers 503 with Retry-After and begins no session while the database is unavailable', async () => {
    await using system = await startSystem({}, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    const csrf = await ada.token('/login');
    const signedIn = system.visitor();
    await signedIn.signIn(ADA.username, ADA.password);
    await databaseOf(system).close();
    const answers = [
      await ada.post('/login', { csrf, ...ADA }),
      await ada.post('/register', { csrf, username: 'Eve', password: ADA.password }),
      await signedIn.get('/dashboard'),
      await signedIn.get('/api/session'),
      await signedIn.get('/login'),
    ];
    for (const { status, headers } of answers) {
      assert.equal(status, 503);
      assert.match(String(headers.get('retry-after')), /^\d+$/);
      assert.deepEqual(headers.getSetCookie(), []);
    }
    assert.equal((await ada.get('/readyz')).status, 503);
    assert.equal((await ada.get('/healthz')).status, 200);
    assert.equal(
      (await system.visitor().get('/login')).status,
      200,
      'nobody needs to be asked about a stranger',
    );
  });

  it('A58: begins no session when the database becomes unavailable after the password check', async () => {
    await using system = await startSystem({}, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    const csrf = await ada.token('/login');
    const verify = system.hasher.verify;
    Object.assign(system.hasher, {
      verify: async (hash: string, password: string) => {
        const isRight = await verify(hash, password);
        await databaseOf(system).close();
        return isRight;
      },
    });
    const answer = await ada.post('/login', { csrf, ...ADA });
    assert.equal(answer.status, 503);
    assert.equal(ada.cookies.has('latchkey'), false);
    assert.ok(!system.events.some(({ type }) => type === 'signed-in'));
  });

  it('A58: leaves no incomplete account when the password cannot be stored', async () => {
    await using system = await startSystem({}, engine);
    const { accounts } = reachInside(system, 'no request makes storing a password fail').core;
    const broken = accounts.create(
      { username: { username: 'Ada', key: 'ada' }, email: null },
      system.clock.read(),
      async () => {
        throw new Error('the password could not be kept');
      },
    );
    await assert.rejects(broken, /could not be kept/);
    assert.equal(await accountIdOf(system, 'Ada'), null);
    assert.equal((await system.visitor().register(ADA.username, ADA.password)).status, 303);
  });

  it('refuses sign-ins with 503 while the hashing queue is full, and still serves signed-in users', async () => {
    await using system = await startSystem({}, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    const visitors = Array.from({ length: 200 }, () => system.visitor());
    const tokens = await Promise.all(visitors.map((visitor) => visitor.token('/login')));
    const { release } = system.hasher.holdThreads();
    let answered = 0;
    const flood = visitors.map(async (visitor, number) => {
      const fields = { username: `nobody-${number}`, password: WRONG_PASSWORD };
      const answer = await visitor.post('/login', { csrf: String(tokens[number]), ...fields });
      answered += 1;
      return answer;
    });
    await until('what does not fit into the queue is refused', () => answered >= 100);
    assert.equal((await ada.get('/api/session')).status, 200);
    release();
    const answers = await Promise.all(flood);
    const refused = answers.filter(({ status }) => status === 503);
    assert.ok(refused.length > 0 && refused.length < 200, `${refused.length} of 200`);
    for (const { headers } of refused) assert.match(String(headers.get('retry-after')), /^\d+$/);
    assert.equal(answers.filter(({ status }) => status === 401).length, 200 - refused.length);
    assert.equal(system.hasher.counts.verifications, 200 - refused.length + 1, 'a refusal costs no hash');
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 303, 'and then goes on');
  });
});
