import assert from 'node:assert/strict';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { sendResponse } from '../../src/adapters/node.ts';
import { type GuardedPath, latchkeyMiddleware } from '../../src/adapters/nuxt.ts';
import {
  type Access,
  type GuardOptions,
  type Latchkey,
  onePerProcess,
  type RequestLike,
  type SignedIn,
} from '../../src/index.ts';
import { createTestLatchkey } from '../../src/testing/index.ts';
import { ADA, type HeaderFields } from '../kit/visitor.ts';

const HOST = { host: 'localhost:3000' };

const auth = createTestLatchkey({ scopes: ['notes:read', 'notes:write'] });
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

type RouteRules = { readonly cache?: object | false; readonly isr?: boolean | number };
type Sent = {
  readonly headers?: HeaderFields;
  /** The path that the client sent, where h3 has decoded it or removed the base of the application. */
  readonly originalUrl?: string;
  readonly routeRules?: RouteRules;
};
type Context = {
  auth?: SignedIn | null;
  access?: Access | null;
  readonly _nitro: { readonly routeRules: RouteRules };
};

const ofProcess = onePerProcess(() => latchkey, 'nuxt requests');

/** What the middleware answers to an event that reaches it by no connection, and what it leaves there. */
async function send(
  guard: readonly GuardedPath[],
  path: string,
  { headers = {}, originalUrl = path, routeRules = {} }: Sent = {},
  create = ofProcess,
) {
  const message = new IncomingMessage(new Socket());
  const req = Object.assign(message, {
    method: 'GET',
    url: path,
    originalUrl,
    headers: { ...HOST, ...headers },
  });
  const res = new ServerResponse(req);
  const context: Context = { _nitro: { routeRules } };
  const answer = await latchkeyMiddleware(create, { guard })({ path, context, node: { req, res } });
  return { answer, context, caching: res.getHeader('cache-control'), cookies: res.getHeader('set-cookie') };
}

/** Latchkey with a token that is replaced by each request. */
function rotating(): Latchkey {
  const guard = async (like: RequestLike, options?: GuardOptions) => {
    const entry = await latchkey.guard(like, options);
    if (entry.ok) entry.headers.append('set-cookie', 'latchkey=next; Path=/');
    return entry;
  };
  return Object.assign({ ...latchkey }, { guard });
}

describe('the middleware of Nuxt', () => {
  it('K13: guards a path in every spelling, below the base of the application and with it', async () => {
    for (const path of [
      '/notes',
      '/notes?page=2',
      '/Notes/7',
      '//notes',
      '/x/../notes',
      '/notes/_payload.json',
    ])
      assert.equal((await send(['/notes'], path)).answer?.status, 303, path);
    assert.equal((await send(['/notes'], '/notes', { originalUrl: '/%6eotes' })).answer?.status, 303);
    for (const entry of ['/notes', '/site/notes'])
      assert.equal(
        (await send([entry], '/notes', { originalUrl: '/site/notes' })).answer?.status,
        303,
        entry,
      );
    for (const path of ['/', '/notesx', '/public/notes'])
      assert.equal((await send(['/notes'], path)).answer, undefined, path);
  });

  it('answers API clients with 401 below the base of the application, too', async () => {
    for (const originalUrl of ['/api/notes', '/site/api/notes'])
      assert.equal((await send(['/api'], '/api/notes', { originalUrl })).answer?.status, 401, originalUrl);
  });

  it('leaves the user to pages and routes, with the replaced cookie and out of caches', async () => {
    const sent = { headers: { cookie } };
    for (const guard of [['/notes'], []]) {
      const { answer, context, caching, cookies } = await send(
        guard,
        '/notes',
        sent,
        onePerProcess(rotating, 'nuxt rotating'),
      );
      assert.equal(answer, undefined);
      assert.equal(context.auth?.user.username, 'Ada');
      assert.deepEqual([caching, [cookies].flat()], ['no-store', ['latchkey=next; Path=/']]);
    }
    const { context, caching } = await send([], '/');
    assert.deepEqual([context.auth, caching], [null, undefined]);
  });

  it('admits API tokens to a path that asks for their scope, without a session', async () => {
    const guard = [{ path: '/api', scope: 'notes:read' }];
    const { context, caching } = await send(guard, '/api/notes', { headers: { authorization } });
    assert.deepEqual([context.auth, context.access?.token?.name, caching], [null, 'laptop', 'no-store']);
    assert.equal((await send(['/api'], '/api/notes', { headers: { authorization } })).answer?.status, 401);
    const written = await send([{ path: '/api', scope: 'notes:write' }], '/api', {
      headers: { authorization },
    });
    assert.equal(written.answer?.status, 403);
    const inBrowser = (await send(guard, '/api/notes', { headers: { cookie } })).context;
    assert.deepEqual([inBrowser.auth?.user.username, inBrowser.access?.token], ['Ada', null]);
  });

  it('refuses to have a guarded page cached, and gives no user to a page that is cached for everyone', async () => {
    for (const routeRules of [{ cache: { swr: true } }, { isr: true }, { isr: 60 }]) {
      const sent = { headers: { cookie }, routeRules };
      await assert.rejects(send(['/notes'], '/notes', sent), /a guarded page is prerendered or cached/);
      const { context, caching } = await send(['/notes'], '/', sent);
      assert.deepEqual([context.auth, caching], [null, undefined]);
      assert.equal((await send([], '/login', sent)).answer?.status, 303, 'the sign-in page is Latchkey’s');
    }
    const uncached = { headers: { cookie }, routeRules: { cache: false } } as const;
    assert.equal((await send(['/notes'], '/notes', uncached)).context.auth?.user.username, 'Ada');
  });

  it('makes no Latchkey for a page that is prerendered, and refuses to prerender a guarded one', async () => {
    const create = () => assert.fail('a build needs no database');
    const prerender = (path: string) =>
      send(['/notes'], path, { headers: { 'x-nitro-prerender': path } }, onePerProcess(create, 'nuxt build'));
    assert.equal((await prerender('/about')).context.auth, null);
    await assert.rejects(prerender('/notes'), /a guarded page is prerendered or cached/);
  });

  it('keeps a guarded document out of caches, whatever the page says of it', async () => {
    await using site = await listen(['/notes']);
    const { headers } = await site.ask('/notes', { cookie });
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal((await site.ask('/')).headers.get('cache-control'), 'public, max-age=60');
  });

  it('does not take a client for the build, whatever it says', async () => {
    await using site = await listen(['/notes']);
    const askAsBuild = async (path: string) => (await site.ask(path, { 'x-nitro-prerender': path })).url;
    assert.match(await askAsBuild('/notes'), /\/login\?next=%2Fnotes$/);
    assert.match(await (await site.ask('/login', { 'x-nitro-prerender': '/login' })).text(), /Sign in/);
  });
});

/** A server whose pages may be cached, as they say. */
async function listen(guard: readonly GuardedPath[]) {
  const middleware = latchkeyMiddleware(ofProcess, { guard });
  const server = createServer(async (message, res) => {
    const { url: path = '/' } = message;
    const req = Object.assign(message, { originalUrl: path });
    const answer = await middleware({ path, context: {}, node: { req, res } });
    if (answer !== undefined) return sendResponse(answer, res);
    res.setHeader('cache-control', 'public, max-age=60').setHeader('content-type', 'text/html').end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ask: (path: string, headers: HeaderFields = {}) => fetch(`http://127.0.0.1:${port}${path}`, { headers }),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
