import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { auth, latchkeyPages, loginRequired } from '../../src/adapters/react-router.ts';
import { type Access, createLatchkey, type Latchkey, onePerProcess, type SignedIn } from '../../src/index.ts';
import { SECRET_KEY } from '../kit/system.ts';
import { ADA, createVisitor, type HeaderFields } from '../kit/visitor.ts';

const ORIGIN = 'http://localhost:3000';

let latchkey: Latchkey;
let cookie: string;
before(async () => {
  latchkey = createLatchkey({
    databaseUrl: 'sqlite::memory:',
    secretKey: SECRET_KEY,
    logLevel: 'silent',
    registrationMinTime: '0s',
  });
  const ada = createVisitor((request) => latchkey.fetch(request, 'unknown'), ORIGIN);
  await ada.register(ADA.username, ADA.password);
  await ada.signIn(ADA.username, ADA.password);
  cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
});
after(() => latchkey.close());

const ofProcess = onePerProcess(() => latchkey, 'client navigation');
const middleware = { pages: latchkeyPages(ofProcess), guard: loginRequired(ofProcess) };

type Sent = { readonly page?: string; readonly method?: string; readonly headers?: HeaderFields };

/** What middleware of React Router answers, and the user that it leaves to the route. */
async function send(
  name: keyof typeof middleware,
  path: string,
  { page = path, method = 'GET', headers = {} }: Sent = {},
) {
  const found: (SignedIn | Access)[] = [];
  const args = {
    request: new Request(ORIGIN + path, { method, headers: { host: 'localhost:3000', ...headers } }),
    url: new URL(ORIGIN + page),
    context: { set: (key: object, value: SignedIn | Access) => key === auth && found.push(value) },
  };
  const response = await middleware[name](args, async () => new Response('route'));
  const [location, reload] = ['location', 'x-remix-reload-document'].map((key) => response.headers.get(key));
  return { response, location, reload, user: found[0]?.user.username };
}

describe('the middleware of React Router', () => {
  it('leads from a page that the router draws to the sign-in page, which the browser has to load', async () => {
    const { location, reload } = await send('guard', '/notes.data?page=2&_routes=x', {
      page: '/notes?page=2',
    });
    assert.deepEqual([location, reload], ['/login?next=%2Fnotes%3Fpage%3D2', 'true']);
  });

  it('has the browser load a page of Latchkey that a link or a form of the router leads to', async () => {
    for (const method of ['GET', 'POST']) {
      const { response, location, reload } = await send('pages', '/login.data?next=%2Fnotes', {
        page: '/login?next=%2Fnotes',
        method,
      });
      assert.deepEqual([response.status, location, reload], [303, '/login?next=%2Fnotes', 'true']);
    }
    assert.equal(await (await send('pages', '/notes.data', { page: '/notes' })).response.text(), 'route');
  });

  it('leaves the user to the route, and keeps its data out of caches', async () => {
    const { response, user } = await send('guard', '/notes.data', { page: '/notes', headers: { cookie } });
    assert.deepEqual([user, response.headers.get('cache-control')], ['Ada', 'no-store']);
  });

  it('A29: fails as an error of the page where a script of a foreign page sends a form', async () => {
    const headers = { cookie, 'sec-fetch-site': 'same-site' };
    const refused = send('guard', '/notes.data', { page: '/notes', method: 'POST', headers });
    await assert.rejects(refused, (thrown: unknown) => thrown instanceof Response && thrown.status === 403);
    const byForm = await send('guard', '/notes', { method: 'POST', headers });
    assert.equal(byForm.response.status, 403);
  });
});
