import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { admitted, type GuardedPath, latchkeyHandle, signedIn } from '../../src/adapters/sveltekit.ts';
import { type Access, type Latchkey, onePerProcess, type SignedIn } from '../../src/index.ts';
import { createTestLatchkey } from '../../src/testing/index.ts';
import { ADA, type HeaderFields } from '../kit/visitor.ts';

const ORIGIN = 'http://localhost:3000';
const FOREIGN = { 'sec-fetch-site': 'same-site', origin: 'http://evil.localhost' };

const auth = createTestLatchkey({ roles: ['admin'], scopes: ['notes:read', 'notes:write'] });
const latchkey: Latchkey = auth.latchkey;
let cookie: string;
let authorization: string;
before(async () => {
  const ada = await auth.user({ username: ADA.username });
  cookie = ada.cookie;
  const wanted = { name: 'laptop', scopes: ['notes:read'], by: 'a test' } as const;
  const created = await auth.latchkey.tokens.create(ada.user.id, wanted);
  assert.ok(created.ok);
  authorization = `Bearer ${created.token}`;
});
after(() => auth.close());

type Sent = {
  readonly method?: string;
  readonly headers?: HeaderFields;
  readonly route?: string;
  readonly isRemoteRequest?: boolean;
  /** How SvelteKit names the page whose data alone is requested. */
  readonly page?: string;
};

type Locals = { auth?: SignedIn | null; access?: Access | null };

/** What SvelteKit answers to a request of its application, and what its routes saw. */
async function send(guard: readonly GuardedPath[], path: string, sent: Sent = {}) {
  const { method = 'GET', headers = {}, route = null, page = path, isRemoteRequest = false } = sent;
  const locals: Locals = {};
  let isResolved = false;
  const handle = latchkeyHandle(
    onePerProcess(() => latchkey, 'guarded paths'),
    { guard },
  );
  const response = await handle({
    event: {
      request: new Request(ORIGIN + path, { method, headers: { host: 'localhost:3000', ...headers } }),
      url: new URL(ORIGIN + page),
      route: { id: route },
      locals,
      isRemoteRequest,
      getClientAddress: () => '192.0.2.1',
    },
    resolve: () => {
      isResolved = true;
      return new Response('drawn', { headers: { 'cache-control': 'public, max-age=60' } });
    },
  });
  return { response, isResolved, locals, location: response.headers.get('location') };
}

describe('a list of guarded paths', () => {
  it('K13: covers a path in every spelling, and every path of a route', async () => {
    const spellings = ['/notes', '/notes/', '/notes/7', '/%6eotes', '/notes%2F7', '//notes', '/x/../notes'];
    for (const path of [...spellings, '/Notes', '/%4eOTES/7', '/%6eotes/%ff'])
      assert.equal((await send(['/notes'], path)).isResolved, false, path);
    for (const entry of ['/caf%C3%A9', '/Café'])
      assert.equal((await send([entry], '/caf%c3%a9/7')).isResolved, false, entry);
    for (const [entry, route] of [
      ['/notes', '/(members)/notes/[id]'],
      ['/notes/[id]', '/notes/[id]'],
      ['/(members)', '/(members)/notes'],
      ['/', '/(members)'],
      ['/notes', '/[[language=language]]/(members)/notes'],
      ['/notes', '/[...language]/notes/[id]'],
    ] as const)
      assert.equal((await send([entry], '/de/notizen', { route })).isResolved, false, entry);
    for (const path of ['/notesx', '/', '/public/notes', '/%E0%A4%A'])
      assert.equal((await send(['/notes'], path)).isResolved, true, path);
    assert.equal((await send(['/notes'], '/de', { route: '/[...notes]' })).isResolved, true);
  });

  it('K13: is refused where an entry would guard nothing', async () => {
    for (const entry of ['notes', '/notes/*', '', '/**'])
      await assert.rejects(send([entry], '/notes'), /guards nothing/, entry);
  });

  it('asks for all that its matching entries ask for', async () => {
    const guard = ['/notes', { path: '/notes/all', role: 'admin' }];
    assert.equal((await send(guard, '/notes/7', { headers: { cookie } })).isResolved, true);
    assert.equal((await send(guard, '/notes/all', { headers: { cookie } })).response.status, 403);
  });

  it('admits API tokens to a path that asks for their scope, without a session', async () => {
    const guard = [{ path: '/api', scope: 'notes:read' }];
    const { isResolved, locals, response } = await send(guard, '/api/notes', { headers: { authorization } });
    assert.ok(isResolved);
    assert.equal(locals.auth, null);
    assert.equal(locals.access?.token?.name, 'laptop');
    assert.equal(admitted({ access: locals.access ?? null }).user.username, 'Ada');
    assert.equal(response.headers.get('vary'), 'Cookie, Authorization');
    const inBrowser = (await send(guard, '/api/notes', { headers: { cookie } })).locals;
    assert.deepEqual([inBrowser.auth?.user.username, inBrowser.access?.token], ['Ada', null]);
    const written = await send([{ path: '/api', scope: 'notes:write' }], '/api', {
      headers: { authorization },
    });
    assert.equal(written.response.status, 403);
    assert.equal((await send([], '/', { headers: { authorization } })).locals.access, null);
  });

  it('A71: admits no API token where one of the entries that match admits none', async () => {
    const own = { path: '/api/notes', scope: 'notes:read' };
    const guard = ['/api', { ...own, role: 'admin' }];
    const turned = await send(guard, '/api/notes', { headers: { authorization } });
    assert.deepEqual([turned.isResolved, turned.response.status], [false, 401]);
    // The request would be of one user for the first entry, and of another for the second.
    const both = await send(['/api', own], '/api/notes', { headers: { authorization, cookie } });
    assert.deepEqual([both.locals.access?.token, both.locals.auth?.user.username], [null, 'Ada']);
    assert.equal((await send(guard, '/api/notes', { headers: { cookie } })).response.status, 403);
  });

  it('A29: lets a request from a foreign page act for no user, also where nothing is guarded', async () => {
    const own = { 'sec-fetch-site': 'same-origin' };
    const auth = async (guard: readonly string[], headers: HeaderFields) =>
      (await send(guard, '/notes', { method: 'POST', headers: { cookie, ...headers } })).locals.auth;
    assert.equal((await auth([], own))?.user.username, 'Ada');
    assert.equal(await auth([], FOREIGN), null);
    assert.equal(await auth(['/notes'], FOREIGN), undefined, 'refused');
  });

  it('keeps what is drawn for a user out of caches, and leaves pages for everyone as they are', async () => {
    const caching = async (guard: readonly string[], headers: HeaderFields) =>
      (await send(guard, '/', { headers })).response.headers.get('cache-control');
    assert.equal(await caching([], {}), 'public, max-age=60');
    assert.equal(await caching(['/'], { cookie, 'sec-fetch-dest': 'document' }), 'no-store');
    assert.equal(await caching(['/'], { cookie, 'sec-fetch-dest': 'empty' }), 'public, max-age=60');
  });
});

describe('the hook of SvelteKit', () => {
  it('leads back to the page whose data was requested', async () => {
    const path = '/notes/__data.json?x-sveltekit-invalidated=01&page=2';
    const { location } = await send(['/notes'], path, { page: '/notes?page=2' });
    assert.equal(location, '/login?next=%2Fnotes%3Fpage%3D2');
  });

  it('answers a form that a script sends with a result that it understands', async () => {
    const headers = { 'x-sveltekit-action': 'true', accept: 'application/json' };
    const { response } = await send(['/notes'], '/notes', { method: 'POST', headers });
    assert.deepEqual(await response.json(), { type: 'redirect', status: 303, location: '/login' });
  });

  it('answers a remote function with 401, and gives it the user', async () => {
    const path = '/_app/remote/abc/addNote';
    const remote = { page: '/notes', isRemoteRequest: true };
    assert.equal((await send(['/notes'], path, remote)).response.status, 401);
    const { locals } = await send([], path, { ...remote, headers: { cookie } });
    assert.equal(locals.auth?.user.username, 'Ada');
  });

  it('makes no Latchkey for a page that is prerendered, and refuses to prerender a guarded one', async () => {
    const handle = latchkeyHandle(() => assert.fail('a build needs no database'), { guard: ['/notes'] });
    const prerender = async (path: string) => {
      const locals = {};
      const response = await handle({
        event: {
          request: new Request(ORIGIN + path),
          url: new URL(ORIGIN + path),
          route: { id: path },
          locals,
          getClientAddress: () => assert.fail('no client'),
        },
        resolve: () => new Response('drawn'),
      });
      return [await response.text(), locals];
    };
    assert.deepEqual(await prerender('/about'), ['drawn', { auth: null, access: null }]);
    await assert.rejects(prerender('/notes'), /a guarded page is prerendered/);
  });

  it('gives the user to a route, which fails if it is not guarded', () => {
    for (const read of [() => signedIn({ auth: null }), () => admitted({ access: null })])
      assert.throws(read, /name it in the list `guard`/);
  });
});

describe('the Latchkey of a process', () => {
  it('is made at the first call, and is the same for modules that are evaluated again', () => {
    let made = 0;
    const evaluate = () =>
      onePerProcess(() => {
        made += 1;
        return { ...latchkey };
      }, 'evaluated again');
    const [first, second] = [evaluate(), evaluate()];
    assert.equal(made, 0);
    assert.equal(first(), second());
    assert.deepEqual([made, onePerProcess(first)], [1, first]);
    assert.notEqual(onePerProcess(() => ({ ...latchkey }), 'another')(), first());
  });

  it('is tried again after options that were wrong', () => {
    let isWrong = true;
    const ofProcess = onePerProcess(() => {
      if (isWrong) throw new Error('wrong');
      return latchkey;
    }, 'wrong at first');
    assert.throws(ofProcess, /wrong/);
    isWrong = false;
    assert.equal(ofProcess(), latchkey);
  });
});
