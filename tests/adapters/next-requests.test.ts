import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { latchkeyNext } from '../../src/adapters/next.ts';
import {
  ClientAddressError,
  createLatchkey,
  type GuardOptions,
  type Latchkey,
  onePerProcess,
  type RequestLike,
} from '../../src/index.ts';
import { SECRET_KEY } from '../kit/system.ts';
import { ADA, createVisitor, type HeaderFields } from '../kit/visitor.ts';

const ORIGIN = 'http://localhost:3000';
/** Where Next.js believes that it listens. */
const OWN_ORIGIN = 'http://0.0.0.0:3000';

let latchkey: Latchkey;
let cookie: string;
before(async () => {
  latchkey = createLatchkey({
    basePath: '/auth',
    databaseUrl: 'sqlite::memory:',
    secretKey: SECRET_KEY,
    logLevel: 'silent',
    registrationMinTime: '0s',
    roles: ['admin'],
    scopes: ['notes:read', 'notes:write'],
  });
  const ada = createVisitor((request) => latchkey.fetch(request, 'unknown'), ORIGIN);
  await ada.submit('/auth/register', ADA);
  await ada.submit('/auth/login', ADA);
  cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
});
after(() => latchkey.close());

const connect = () => latchkeyNext(onePerProcess(() => latchkey, 'next requests'));

function request(path: string, headers: HeaderFields = {}, method = 'GET'): Request {
  return new Request(OWN_ORIGIN + path, { method, headers: { host: 'localhost:3000', ...headers } });
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

describe('the proxy of Next.js', () => {
  it('lets a request of a signed-in user go on, with the replaced cookie and out of caches', async () => {
    const { proxy } = latchkeyNext(onePerProcess(rotating, 'rotating'));
    const { headers } = await proxy(request('/notes', { cookie }));
    assert.equal(headers.get('x-middleware-next'), '1');
    assert.deepEqual(headers.getSetCookie(), ['latchkey=next; Path=/']);
    assert.equal(headers.get('cache-control'), 'no-store');
  });

  it('redirects others, by a whole URL as Next.js needs it', async () => {
    const { status, headers } = await connect().proxy(request('/notes?page=2'));
    assert.deepEqual(
      [status, headers.get('location'), headers.has('x-middleware-next')],
      [303, `${OWN_ORIGIN}/auth/login?next=%2Fnotes%3Fpage%3D2`, false],
    );
  });

  it('A29: refuses a server action that a page of a sibling origin calls', async () => {
    const foreign = { cookie, 'sec-fetch-site': 'same-site', origin: 'http://evil.localhost' };
    const { status, headers } = await connect().proxy(request('/notes', foreign, 'POST'));
    assert.deepEqual([status, headers.has('x-middleware-next')], [403, false]);
  });

  it('answers the pages of Latchkey where no matcher keeps them from it', async () => {
    const page = await connect().proxy(request('/auth/login'));
    assert.equal(page.status, 200);
    assert.match(await page.text(), /name="csrf"/);
  });
});

describe('a guarded route handler of Next.js', () => {
  it('gets the user beside what the framework passes, and its redirect carries the replaced cookie', async () => {
    const { loginRequired } = latchkeyNext(onePerProcess(rotating, 'rotating'));
    const handler = loginRequired<Request, { id: number }>((_, { user, id }) =>
      Response.redirect(`${ORIGIN}/${user.username}/${id}`, 303),
    );
    const { headers } = await handler(request('/notes', { cookie }), { id: 7 });
    assert.equal(headers.get('location'), `${ORIGIN}/Ada/7`);
    assert.deepEqual(headers.getSetCookie(), ['latchkey=next; Path=/']);
    assert.equal(headers.get('cache-control'), 'no-store');
  });

  it('does not run for others', async () => {
    const never = () => assert.fail('it runs');
    const { loginRequired } = connect();
    assert.equal((await loginRequired(never)(request('/api/notes'), {})).status, 401);
    const asked = loginRequired(never, { role: 'admin' });
    assert.equal((await asked(request('/api/notes', { cookie }), {})).status, 403);
  });
});

describe('a route handler of Next.js that admits API tokens', () => {
  it('gets the user and the token, and no session', async () => {
    const users = await latchkey.users.find({ username: ADA.username });
    const wanted = { name: 'laptop', scopes: ['notes:read'], by: 'a test' };
    const created = await latchkey.tokens.create(String(users?.id), wanted);
    assert.ok(created.ok);
    const headers = { authorization: `Bearer ${created.token}` };
    const handler = connect().loginRequired<Request, { id: number }>(
      (_, { user, session, token, id }) => Response.json([user.username, session, token?.name, id]),
      { scope: 'notes:read' },
    );
    const answer = await handler(request('/api/notes', headers, 'POST'), { id: 7 });
    assert.deepEqual(await answer.json(), ['Ada', null, 'laptop', 7]);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const other = connect().loginRequired(() => assert.fail('it runs'), { scope: 'notes:write' });
    assert.equal((await other(request('/api/notes', headers), {})).status, 403);
  });
});

describe('latchkey/next', () => {
  it('has the first request sent again if its connection was not seen, and only that one', async () => {
    const handle = () => Promise.reject(new ClientAddressError('not known'));
    const { GET } = latchkeyNext(onePerProcess(() => ({ ...latchkey, handle }), 'unseen'));
    const { status, headers } = await GET(request('/auth/login?next=%2Fnotes'));
    assert.deepEqual([status, headers.get('location')], [307, '/auth/login?next=%2Fnotes']);
    await assert.rejects(GET(request('/auth/login')), ClientAddressError);
  });

  it('makes no Latchkey before the first request', () => {
    latchkeyNext(() => assert.fail('a build needs no database'));
  });
});
