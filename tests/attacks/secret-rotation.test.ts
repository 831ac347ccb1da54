import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Engine, existingDatabase, onEveryDatabase } from '../support/databases.ts';
import { startHttpServer } from '../support/http-server.ts';
import { follow } from '../support/nodes.ts';
import { ADA } from '../support/people.ts';
import { startSystem } from '../support/system.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { createVisitor, type Visitor } from '../support/visitor.ts';

const OLD = 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu';
const NEW = 'W5xQ1oTi8NvB3rCk7ZyP0mDf6GhL2sJa';

/** More than `SESSION_ROTATE`, and more than a replaced token still works. Milliseconds. */
const ROTATION = 11 * 60_000;
const AFTER_GRACE = 31_000;

/** One database, and a way to serve it with one SECRET_KEY after another. */
async function sharedDatabase(engine: Engine) {
  const empty = await engine.create();
  const there = existingDatabase(empty.url);
  return {
    serve: (secretKey: string) => startSystem({ secretKey }, there),
    [Symbol.asyncDispose]: () => empty[Symbol.asyncDispose](),
  };
}

async function signedIn(visitor: Visitor): Promise<Visitor> {
  await visitor.register(ADA.username, ADA.password);
  assert.equal((await visitor.signIn(ADA.username, ADA.password)).status, 303);
  return visitor;
}

onEveryDatabase('a new SECRET_KEY', (engine) => {
  it('before the old one signs nobody out, and leaves open forms and messages on their way as they are', async () => {
    await using database = await sharedDatabase(engine);
    await using before = await database.serve(OLD);
    const ada = await signedIn(before.visitor());
    const signOutForm = await ada.token('/dashboard');
    const stranger = before.visitor();
    const registrationForm = await stranger.token('/register');
    const newcomer = before.visitor();
    await newcomer.register('Cleo', ADA.password);

    await using after = await database.serve(`${NEW},${OLD}`);
    assert.match((await follow(newcomer, after).get('/login')).body, /Registration successful!/);
    const registered = await follow(stranger, after).post('/register', {
      csrf: registrationForm,
      username: 'Dora',
      password: ADA.password,
    });
    assert.equal(registered.status, 303);
    const adaAfter = follow(ada, after);
    assert.equal((await adaAfter.get('/dashboard')).status, 200);
    assert.equal((await adaAfter.post('/logout', { csrf: signOutForm })).status, 303);
  });

  it('alone signs nobody out either; what the old one signed is dead', async () => {
    await using database = await sharedDatabase(engine);
    await using before = await database.serve(OLD);
    const ada = await signedIn(before.visitor());
    const signOutForm = await ada.token('/dashboard');
    const newcomer = before.visitor();
    await newcomer.register('Cleo', ADA.password);

    await using after = await database.serve(NEW);
    const adaAfter = follow(ada, after);
    assert.equal((await adaAfter.post('/logout', { csrf: signOutForm })).status, 403);
    assert.equal((await adaAfter.get('/api/session')).status, 200);
    assert.equal((await adaAfter.signOut()).status, 303, 'her page drawn anew has a form that works');
    assert.doesNotMatch((await follow(newcomer, after).get('/login')).body, /Registration successful!/);
  });

  it('A10: lets tokens be replaced from one node to the next, and still tells a stolen one that the old one sealed', async () => {
    await using database = await sharedDatabase(engine);
    await using before = await database.serve(`${OLD},${NEW}`);
    const ada = await signedIn(before.visitor());
    await using after = await database.serve(`${NEW},${OLD}`);
    for (const { clock } of [before, after]) clock.advance(ROTATION);
    const moved = follow(ada, after);
    assert.equal((await moved.get('/api/session')).status, 200);
    assert.notEqual(moved.cookies.get('latchkey'), ada.cookies.get('latchkey'), 'it was replaced');
    const stolen = follow(ada, after);
    for (const node of [before, after]) {
      assert.equal((await follow(moved, node).get('/api/session')).status, 200);
      assert.equal(
        (await follow(ada, node).get('/api/session')).status,
        200,
        'on its way with the token of before',
      );
    }
    for (const { clock } of [before, after]) clock.advance(AFTER_GRACE);
    assert.equal((await stolen.get('/api/session')).status, 401);
    assert.equal((await moved.get('/api/session')).status, 401, 'the session is over for both');
  });

  it('breaks no form on nodes that are restarted one by one, when each knows it before any uses it', async () => {
    await using database = await sharedDatabase(engine);
    const steps = [OLD, `${OLD},${NEW}`, `${NEW},${OLD}`, NEW];
    for (const [position, secretKey] of steps.slice(0, -1).entries()) {
      await using one = await database.serve(secretKey);
      await using other = await database.serve(steps[position + 1] ?? '');
      for (const [drawnBy, sentTo] of [
        [one, other],
        [other, one],
      ] as const) {
        const visitor = drawnBy.visitor();
        const csrf = await visitor.token('/login');
        const answer = await follow(visitor, sentTo).post('/login', { csrf, username: 'x', password: 'x' });
        assert.equal(answer.status, 401, 'a form that was taken, with a wrong name in it');
      }
    }
  });
});

describe('a server', () => {
  it('that is restarted with SECRET_KEY=new,old goes on for everybody, over HTTP', async () => {
    using folder = temporaryFolder();
    const databaseUrl = `sqlite:${folder.path}/latchkey.db`;
    const serve = async (secretKey: string, port?: number) =>
      startHttpServer({
        databaseUrl,
        secretKey,
        ...(port !== undefined && { port, baseUrl: `http://localhost:${port}` }),
      });
    const first = await serve(OLD);
    const { port } = first;
    const ada = await signedIn(createVisitor(fetch, `http://localhost:${port}`));
    const csrf = await ada.token('/dashboard');
    await first[Symbol.asyncDispose]();
    await using second = await serve(`${NEW},${OLD}`, port);
    assert.equal((await ada.get('/dashboard')).status, 200);
    assert.equal((await ada.post('/logout', { csrf })).status, 303);
    assert.ok(second.system.events.some(({ type }) => type === 'signed-out'));
  });
});
