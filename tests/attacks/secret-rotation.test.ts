import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTokenOn, isAdmitted } from '../kit/api-tokens.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  NEW_SECRET,
  OLD_SECRET,
  settleRequests,
  shareCookies,
  sharedDatabase,
  startHttpServer,
} from '../kit/system.ts';
import { temporaryFolder } from '../kit/temporary.ts';
import { ADA, BEN, createVisitor, ROTATE, registerAndSignIn } from '../kit/visitor.ts';

onEveryDatabase('a new SECRET_KEY', (engine) => {
  it('that precedes the old one keeps sessions, open forms and pending messages valid', async () => {
    await using database = await sharedDatabase(engine);
    await using before = await database.serve(OLD_SECRET);
    const ada = await registerAndSignIn(before.visitor());
    const signOutForm = await ada.token('/dashboard');
    const visitor = before.visitor();
    const registrationForm = await visitor.token('/register');
    const newUser = before.visitor();
    await newUser.register('Cleo', ADA.password);

    await using after = await database.serve(`${NEW_SECRET},${OLD_SECRET}`);
    assert.match((await shareCookies(newUser, after).get('/login')).body, /Registration successful!/);
    const registered = await shareCookies(visitor, after).post('/register', {
      csrf: registrationForm,
      username: 'Dora',
      password: ADA.password,
    });
    assert.equal(registered.status, 303);
    const adaAfter = shareCookies(ada, after);
    assert.equal((await adaAfter.get('/dashboard')).status, 200);
    assert.equal((await adaAfter.post('/logout', { csrf: signOutForm })).status, 303);
  });

  it('A69 without the old one ends the sessions that it did not renew, and invalidates what the old one signed', async () => {
    await using database = await sharedDatabase(engine);
    await using before = await database.serve(OLD_SECRET);
    const ada = await registerAndSignIn(before.visitor());
    const ben = await registerAndSignIn(before.visitor(), BEN);
    const newUser = before.visitor();
    await newUser.register('Cleo', ADA.password);

    await using between = await database.serve(`${NEW_SECRET},${OLD_SECRET}`);
    between.clock.advance(ROTATE);
    const renewed = shareCookies(ada, between);
    assert.equal((await renewed.get('/dashboard')).status, 200);

    await using after = await database.serve(NEW_SECRET);
    after.clock.advance(ROTATE);
    assert.equal(
      (await shareCookies(renewed, after).get('/api/session')).status,
      200,
      'renewed under the new one',
    );
    assert.equal((await shareCookies(ben, after).get('/api/session')).status, 401);
    assert.doesNotMatch((await shareCookies(newUser, after).get('/login')).body, /Registration successful!/);
    assert.ok(!after.events.some(({ type }) => type === 'session-stolen'), 'and no alarm is raised');
  });

  it('A69 without the old one refuses API tokens, except those that were used with both', async () => {
    await using database = await sharedDatabase(engine, { apiTokens: 'on' });
    await using before = await database.serve(OLD_SECRET);
    const ada = await registerAndSignIn(before.visitor());
    const fields = { name: 'laptop', expires: '7d' };
    const [used, unused] = [await createTokenOn(ada, fields), await createTokenOn(ada, fields)];
    await using between = await database.serve(`${NEW_SECRET},${OLD_SECRET}`);
    assert.ok(await isAdmitted(between, used));
    await settleRequests(between);
    await using after = await database.serve(NEW_SECRET);
    assert.deepEqual([await isAdmitted(after, used), await isAdmitted(after, unused)], [true, false]);
  });

  it('breaks no form during a rolling restart when every node knows it before any node signs with it', async () => {
    await using database = await sharedDatabase(engine);
    const steps = [OLD_SECRET, `${OLD_SECRET},${NEW_SECRET}`, `${NEW_SECRET},${OLD_SECRET}`, NEW_SECRET];
    for (const [position, secretKey] of steps.slice(0, -1).entries()) {
      await using one = await database.serve(secretKey);
      await using other = await database.serve(steps[position + 1] ?? '');
      for (const [drawnBy, sentTo] of [
        [one, other],
        [other, one],
      ] as const) {
        const visitor = drawnBy.visitor();
        const csrf = await visitor.token('/login');
        const answer = await shareCookies(visitor, sentTo).post('/login', {
          csrf,
          username: 'x',
          password: 'x',
        });
        assert.equal(answer.status, 401, 'a form that was taken, with a wrong name in it');
      }
    }
  });
});

describe('a server', () => {
  it('that is restarted with SECRET_KEY=new,old keeps sessions and forms valid over HTTP', async () => {
    using folder = temporaryFolder();
    const databaseUrl = `sqlite:${folder.path}/latchkey.db`;
    const serve = async (secretKey: string, port?: number) =>
      startHttpServer({
        databaseUrl,
        secretKey,
        ...(port !== undefined && { port, baseUrl: `http://localhost:${port}` }),
      });
    const first = await serve(OLD_SECRET);
    const { port } = first;
    const ada = await registerAndSignIn(createVisitor(fetch, `http://localhost:${port}`));
    const csrf = await ada.token('/dashboard');
    await first[Symbol.asyncDispose]();
    await using second = await serve(`${NEW_SECRET},${OLD_SECRET}`, port);
    assert.equal((await ada.get('/dashboard')).status, 200);
    assert.equal((await ada.post('/logout', { csrf })).status, 303);
    assert.ok(second.system.events.some(({ type }) => type === 'signed-out'));
  });
});
