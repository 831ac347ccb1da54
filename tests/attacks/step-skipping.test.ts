import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Route } from '../../src/auth/feature.ts';
import { paths } from '../../src/auth/paths.ts';
import { A_PROVIDER } from '../kit/federation.ts';
import { createTestStep, PENDING, rowsIn } from '../kit/sign-in-steps.ts';
import { reachInside, startSystem, type TestOptions } from '../kit/system.ts';
import {
  ADA,
  type Answer,
  accountOf,
  newestFlow,
  parseSetCookie,
  plantFlow,
  SESSION,
  tokenIn,
  type Visitor,
} from '../kit/visitor.ts';

/** Ada, who has given her password, and waits for the first of two steps. */
async function startWaiting(options: TestOptions = {}) {
  const first = createTestStep('first-step');
  const second = createTestStep('second-step');
  const system = await startSystem({ cspReports: 'on', ...A_PROVIDER, ...options }, undefined, {
    features: (core) => [...first.features(core), ...second.features(core)],
  });
  const ada = system.visitor();
  await ada.register(ADA.username, ADA.password);
  const { id } = await accountOf(system);
  for (const { blocked } of [first, second]) blocked.add(id);
  const answer = await ada.signIn(ADA.username, ADA.password);
  assert.equal(answer.location, first.path);
  const end = () => system[Symbol.asyncDispose]();
  return { system, ada, answer, first, second, id, [Symbol.asyncDispose]: end };
}

/** What differs between any two responses. */
function withoutNonces({ status, location, body }: Answer): string {
  // Values that are generated each time: the form token, the challenge of a passkey, and those sent to a provider.
  const page = body
    .replaceAll(/"challenge":"[\w-]+"/g, '')
    .replaceAll(/name="csrf" value="[^"]+"/g, '')
    .replaceAll(/(?:state|code_challenge)=[\w-]{43}/g, '')
    .replaceAll(/\d+/g, '');
  return JSON.stringify([status, location, page]);
}

function ask(visitor: Visitor, route: Route, csrf: string): Promise<Answer> {
  const { method, path } = route;
  if ('body' in route) return visitor.postJson(path, {});
  return method === 'GET' ? visitor.get(path) : visitor.post(path, { csrf });
}

describe('a browser with a pending sign-in', () => {
  it('A37: is treated as signed out by every route except those of the steps', async () => {
    await using started = await startWaiting();
    const { system, ada } = started;
    const { features } = reachInside(system, 'no page lists the routes');
    const routes = features.flatMap((feature) => feature.routes);
    const steps = features.flatMap(({ signInSteps = [], secondFactors = [] }) => [
      ...signInSteps,
      ...secondFactors,
    ]);
    const ofSteps: readonly string[] = [
      ...steps.map(({ path }) => path),
      ...steps.map((step) => ('setUpAtSignIn' in step ? step.setUpAtSignIn : undefined) ?? '/login/cancel'),
      '/login/cancel',
      paths.lostFactor,
    ];
    const others = routes.filter(({ path }) => !ofSteps.some((own) => `${path}/`.startsWith(`${own}/`)));
    assert.ok(others.length >= 20);
    for (const route of others) {
      const visitor = system.visitor();
      const [hers, theirs] = [await ada.token('/login'), await visitor.token('/login')];
      const [answer, expected] = [await ask(ada, route, hers), await ask(visitor, route, theirs)];
      assert.equal(withoutNonces(answer), withoutNonces(expected), `${route.method} ${route.path}`);
      assert.equal(ada.cookies.has(SESSION), false, route.path);
      if (route.access === 'open' || route.access === 'public') continue;
      const isAway = answer.status === 401 || String(answer.location).startsWith('/login');
      assert.ok(isAway, `${route.method} ${route.path}`);
      const program = await ada.get(route.path, { accept: 'application/json' });
      assert.ok(route.method === 'POST' || program.status === 401, route.path);
    }
    assert.equal(newestFlow(ada, 'pending') !== undefined, true);
  });

  it('A37: is treated as signed out by an application that asks for the user', async () => {
    await using started = await startWaiting();
    const { system, ada } = started;
    const token = String(newestFlow(ada, 'pending'));
    const { contextOf, core } = reachInside(system, 'an application asks the guard, and no page does');
    for (const name of [PENDING, SESSION, 'latchkey-visitor']) {
      const request = new Request(`${system.origin}/`, { headers: { cookie: `${name}=${token}` } });
      const context = contextOf(request, undefined);
      assert.equal(await core.guard.signedInWithoutAnswer(context), null);
      assert.equal(await core.guard.signedIn(context), null);
    }
  });

  it('A37: reaches no step before the previous one is done, and none without its cookie', async () => {
    await using started = await startWaiting();
    const { system, ada, first, second, id } = started;
    const csrf = await ada.token(first.path);
    assert.equal((await ada.get(second.path)).location, first.path);
    assert.equal((await ada.post(second.path, { csrf })).location, first.path);
    assert.equal(second.blocked.has(id), true, 'it has done nothing');
    const visitor = system.visitor();
    for (const { path } of [first, second]) {
      assert.equal((await visitor.get(path)).location, '/login');
      assert.equal((await visitor.submit('/login', {}).then(() => visitor.get(path))).location, '/login');
    }
    assert.equal((await ada.post(first.path, { csrf })).location, second.path);
    first.blocked.add(id);
    assert.equal((await ada.submit(first.path, {})).location, second.path, 'it came back, and is done again');
    assert.equal((await ada.submit(second.path, {})).location, '/dashboard');
  });

  it('A37: gets no session when another step is set up while the sign-in finishes', async () => {
    await using started = await startWaiting();
    const { system, ada, first, second, id } = started;
    second.blocked.clear();
    const csrf = await ada.token(first.path);
    const isBlocked = second.blocked.has.bind(second.blocked);
    let times = 0;
    second.blocked.has = (account) => {
      times += 1;
      // It is evaluated before the session begins, and is required right after that.
      if (times === 2) second.blocked.add(id);
      return isBlocked(account);
    };
    assert.equal((await ada.post(first.path, { csrf })).location, second.path);
    assert.deepEqual([times, (await ada.get('/api/session')).status], [2, 401]);
    assert.deepEqual(await rowsIn(system, 'sessions'), []);
  });

  it('A13: is recognized only by its complete token, which is not stored', async () => {
    await using started = await startWaiting();
    const { system, ada, first } = started;
    const token = String(newestFlow(ada, 'pending'));
    const visitorToken = String(
      ada.cookies.get('latchkey-visitor') ?? (await system.visitor().token('/login')),
    );
    for (const other of [token.slice(1), `${token}A`, token.toLowerCase(), 'null', '[]', visitorToken]) {
      const visitor = system.visitor();
      plantFlow(visitor, 'pending', other);
      assert.equal((await visitor.get(first.path)).location, '/login', other);
    }
    const rows = await rowsIn(system, 'pending_sign_ins');
    assert.equal(JSON.stringify(rows).includes(token), false);
  });

  it('A29: can submit only a form that was rendered for it', async () => {
    await using started = await startWaiting();
    const { system, ada, first } = started;
    const before = system.visitor();
    const csrf = tokenIn((await before.get('/login')).body);
    const visitorCookie = String(before.cookies.get('latchkey-visitor'));
    await before.post('/login', { csrf, ...ADA });
    assert.equal(before.cookies.has('latchkey-visitor'), false);
    before.cookies.set('latchkey-visitor', visitorCookie);
    for (const forged of ['', 'forged'])
      assert.equal((await before.post(first.path, { csrf: forged })).status, 403);
    const stale = await before.post(first.path, { csrf: await ada.token(first.path) });
    assert.deepEqual([stale.status, stale.location], [303, '/login'], 'no sign-in waits in that browser');
    assert.equal(first.blocked.size, 1, 'it has done nothing');
    const answer = await ada.post(
      first.path,
      { csrf: await ada.token(first.path) },
      { 'sec-fetch-site': 'cross-site' },
    );
    assert.equal(answer.status, 403);
  });

  it('A45: keeps its token for ten minutes in a cookie that scripts and other hosts cannot read', async () => {
    const https = { baseUrl: 'https://login.example.org' };
    for (const [options, name] of [
      [{}, PENDING],
      [https, `__Host-${PENDING}`],
    ] as const) {
      await using started = await startWaiting(options);
      const line = started.answer.headers.getSetCookie().find((one) => one.startsWith(`${name}-`));
      const cookie = parseSetCookie(String(line));
      assert.match(cookie.value, /^[A-Za-z0-9_-]{43}$/);
      assert.equal(cookie.maximumAge, 600);
      assert.match(String(line), /; Path=\/; HttpOnly; SameSite=Lax/);
      assert.equal(/; Secure/.test(String(line)), options === https);
    }
  });
});
