import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';
import {
  bearing,
  createTokenOn,
  guardRoute,
  isAdmitted,
  NEW_TOKEN,
  READ,
  TOKENS_PAGE,
  tokenOn,
  tokensOf,
  WITH_TOKENS,
} from '../kit/api-tokens.ts';
import { engines, existingDatabase } from '../kit/databases.ts';
import { mailsOf, newestConfirmation, openAndConfirm } from '../kit/mailed-links.ts';
import {
  accountIdOf,
  deleteExpired,
  disableAccount,
  eventsOf,
  settleRequests,
  startSystem,
  type TestOptions,
  type TestSystem,
  usersOf,
} from '../kit/system.ts';
import {
  ADA,
  BEN,
  reasonsOf,
  registerAndSignIn,
  requestDeletion,
  SESSION,
  type Visitor,
} from '../kit/visitor.ts';

const READING = { scope: 'notes:read' } as const;
const BY = { by: 'a test' };

async function started(options = WITH_TOKENS) {
  const system = await startSystem(options);
  const ada = await registerAndSignIn(system.visitor());
  const id = String(await accountIdOf(system, ADA.username));
  return { system, ada, id, [Symbol.asyncDispose]: () => system[Symbol.asyncDispose]() };
}

async function refusal(
  system: TestSystem,
  token: string,
  options: Parameters<typeof guardRoute>[1] = READING,
) {
  const entry = await guardRoute(system, options, { headers: bearing(token) });
  assert.ok(!entry.ok);
  const { reason, status, response } = entry;
  return [reason, status, response.headers.get('www-authenticate')];
}

const INVALID = ['invalid-token', 401, 'Bearer error="invalid_token"'];

describe('a guarded route that admits API tokens', () => {
  it('admits a token with its scope as its user, without a session', async () => {
    await using scene = await started();
    const { system, ada, id } = scene;
    const token = await createTokenOn(ada);
    const entry = await guardRoute(system, READING, { headers: bearing(token) });
    assert.ok(entry.ok && entry.session === null);
    assert.deepEqual([entry.user.id, entry.user.username], [id, ADA.username]);
    assert.deepEqual([entry.token.name, entry.token.scopes], ['laptop', ['notes:read']]);
    assert.equal(entry.headers.get('cache-control'), 'no-store');
    assert.deepEqual(entry.headers.getSetCookie(), []);
  });

  it('A71: refuses a token without its scope with 403, and everything that is no valid token with one 401 (RFC 6750)', async () => {
    await using scene = await started();
    const { system, ada } = scene;
    const token = await createTokenOn(ada);
    assert.deepEqual(await refusal(system, token, { scope: 'notes:write' }), [
      'scope-missing',
      403,
      'Bearer error="insufficient_scope", scope="notes:write"',
    ]);
    const wrong = ['', 'x', token.slice(0, -1), `${token}x`, `${token} x`, `${token},${token}`];
    for (const text of wrong) assert.deepEqual(await refusal(system, text), INVALID, text);
    const signedOut = await guardRoute(system, READING);
    assert.ok(!signedOut.ok);
    assert.equal(signedOut.response.headers.get('www-authenticate'), 'Cookie realm="sign in", Bearer');
  });

  it('A29 A71: needs no origin with a token, and ignores a cookie beside it, also beside a wrong one', async () => {
    await using scene = await started();
    const { system, ada } = scene;
    const token = await createTokenOn(ada);
    const cookie = `${SESSION}=${ada.cookies.get(SESSION)}`;
    const send = async (headers: Readonly<Record<string, string>>) => {
      const entry = await guardRoute(system, READING, { method: 'POST', headers });
      return entry.ok ? entry.session : entry.reason;
    };
    assert.equal(await send({ ...bearing(token), 'sec-fetch-site': 'cross-site' }), null);
    assert.equal(await send({ ...bearing(token), cookie }), null);
    assert.equal(await send({ ...bearing('x'), cookie, 'sec-fetch-site': 'same-origin' }), 'invalid-token');
    assert.equal(await send({ cookie, 'sec-fetch-site': 'cross-site' }), 'cross-site');
    const own = await guardRoute(system, READING, { headers: { cookie } });
    assert.ok(own.ok && own.session !== null, 'a session has every scope');
  });

  it('A71: is the only one: neither another route nor a page of Latchkey accepts a token', async () => {
    await using scene = await started();
    const { system, ada } = scene;
    const headers = bearing(await createTokenOn(ada));
    const elsewhere = await guardRoute(system, null, { headers });
    assert.ok(!elsewhere.ok && elsewhere.reason === 'signed-out');
    const program = system.visitor();
    for (const path of ['/api/session', '/account', TOKENS_PAGE, NEW_TOKEN, '/account/export', '/dashboard'])
      assert.equal((await program.get(path, headers)).status, 401, path);
    for (const path of ['/api/account/tokens/new', '/api/account/password', '/api/account/delete'])
      assert.equal((await program.postJson(path, {}, headers)).status, 401, path);
  });

  it('A71: reads a token in the header Authorization alone, and in no address, form or cookie (RFC 6750 §5.3)', async () => {
    await using scene = await started();
    const { system, ada } = scene;
    const token = await createTokenOn(ada);
    const form = new URLSearchParams({ access_token: token });
    for (const sent of [
      { path: `/api/notes?${form}` },
      { method: 'POST', headers: { 'sec-fetch-site': 'none' }, body: form },
      { headers: { cookie: `${SESSION}=${token}; access_token=${token}` } },
      { headers: { authorization: `Basic ${btoa(`Ada:${token}`)}` } },
      { headers: { authorization: token, 'x-api-key': token, 'proxy-authorization': `Bearer ${token}` } },
    ]) {
      const entry = await guardRoute(system, READING, sent);
      assert.ok(!entry.ok && entry.reason === 'signed-out', JSON.stringify(sent));
    }
  });

  it('A38 A71: fails if it also asks for fresh authentication or a second factor, instead of forgetting that', async () => {
    await using scene = await started();
    const { system, ada } = scene;
    const options = { ...READING };
    Object.assign(options, { fresh: true });
    const cookie = `${SESSION}=${ada.cookies.get(SESSION)}`;
    for (const headers of [bearing(await createTokenOn(ada)), { cookie }])
      await assert.rejects(guardRoute(system, options, { headers }), /no API token is fresh/);
    const withFactor = { ...READING };
    Object.assign(withFactor, { aal: 2 });
    await assert.rejects(guardRoute(system, withFactor, { headers: { cookie } }), /proves a second factor/);
  });

  it('admits users with a role only, if it requires one: the one that the application gave', async () => {
    await using scene = await started({ ...WITH_TOKENS, roles: 'admin' });
    const { system, ada, id } = scene;
    const token = await createTokenOn(ada);
    const ofAdmins = { ...READING, role: 'admin' } as const;
    assert.deepEqual(await refusal(system, token, ofAdmins), ['role-missing', 403, null]);
    await usersOf(system).update(id, { roles: ['admin'], ...BY });
    assert.ok((await guardRoute(system, ofAdmins, { headers: bearing(token) })).ok);
  });

  it('A04: answers an address that presents a hundred wrong tokens with 429, and still admits one that works', async () => {
    await using scene = await started();
    const { system, ada } = scene;
    const [revoked, token] = [await createTokenOn(ada, { ...READ, name: 'old' }), await createTokenOn(ada)];
    const listed = await tokensOf(system).list(scene.id);
    const old = listed.find(({ name }) => name === 'old');
    assert.equal((await tokensOf(system).revoke(String(old?.id), BY)).ok, true);
    for (let count = 0; count < 100; count += 1) assert.deepEqual(await refusal(system, revoked), INVALID);
    const refused = await guardRoute(system, READING, { headers: bearing(revoked) });
    assert.ok(!refused.ok && refused.status === 429);
    assert.notEqual(refused.response.headers.get('retry-after'), null);
    assert.ok(await isAdmitted(system, token));
    assert.deepEqual(
      await refusal(system, `latchkey_pat_${'0'.repeat(49)}`),
      INVALID,
      'its checksum is wrong',
    );
    assert.equal(eventsOf(system, 'api-token-refused').length, 100);
  });
});

describe('an API token', () => {
  it('without scopes of the application opens every route that admits tokens', async () => {
    await using scene = await started({ apiTokens: 'on' });
    const { system, ada } = scene;
    const token = await createTokenOn(ada, { name: 'laptop', expires: '7d' });
    assert.ok(await isAdmitted(system, token));
    assert.equal((await refusal(system, token))[0], 'scope-missing');
  });

  it('A65: is refused if it is limited to scopes and the application defines none any more', async () => {
    const [engine] = engines;
    assert.ok(engine !== undefined);
    await using empty = await engine.create();
    const there = existingDatabase(empty.url);
    const tokenWith = async (options: TestOptions, token: string | null) => {
      await using system = await startSystem(options, there);
      if (token !== null) return await isAdmitted(system, token);
      return await createTokenOn(await registerAndSignIn(system.visitor()));
    };
    const token = String(await tokenWith({ scopes: 'notes:read' }, null));
    assert.equal(await tokenWith({ apiTokens: 'on' }, token), false);
    assert.equal(await tokenWith({ scopes: 'notes:write' }, token), true, 'it opens what every token opens');
  });

  it('A12: follows the state of its account from the next request on, and does not come back', async () => {
    await using scene = await started();
    const { system, ada, id } = scene;
    const token = await createTokenOn(ada);
    await disableAccount(system, ADA.username);
    assert.deepEqual(await refusal(system, token), INVALID);
    await usersOf(system).enable(id, BY);
    assert.deepEqual(await refusal(system, token), INVALID);
    await ada.signIn(ADA.username, ADA.password);
    const another = await createTokenOn(ada);
    await requestDeletion(ada);
    assert.deepEqual(await refusal(system, another), INVALID);
    await ada.signIn(ADA.username, ADA.password);
    assert.deepEqual(await refusal(system, another), INVALID);
    await usersOf(system).signOut(id, BY);
    await ada.signIn(ADA.username, ADA.password);
    const last = await createTokenOn(ada);
    await usersOf(system).signOut(id, BY);
    assert.deepEqual(await refusal(system, last), INVALID);
  });

  it('A12: does not work while its user would have to confirm an address before a sign-in', async () => {
    await using system = await startSystem({ ...WITH_TOKENS, email: 'required' });
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password, 'ada@example.org');
    const id = String(await accountIdOf(system, ADA.username));
    const unconfirmed = await tokensOf(system).create(id, { name: 'cron', scopes: ['notes:read'], ...BY });
    assert.deepEqual(
      unconfirmed,
      { ok: false, reason: 'unusable' },
      'the account goes unless it is confirmed',
    );
    await openAndConfirm(ada, (await newestConfirmation(system)).path);
    const created = await tokensOf(system).create(id, { name: 'cron', scopes: ['notes:read'], ...BY });
    assert.ok(created.ok && (await isAdmitted(system, created.token)));
  });

  it('A59: works until the millisecond it expires, and stays expired when the clock steps back', async () => {
    await using scene = await started();
    const { system, ada, id } = scene;
    const token = await createTokenOn(ada, { ...READ, expires: '7d' });
    system.clock.advance(7 * DAY - 1);
    assert.ok(await isAdmitted(system, token));
    system.clock.advance(1);
    assert.deepEqual(await refusal(system, token), INVALID);
    system.clock.advance(-HOUR);
    assert.deepEqual(await refusal(system, token), INVALID);
    assert.deepEqual(await tokensOf(system).list(id), []);
    await tokensOf(system).create(id, { name: 'cron', scopes: ['notes:read'], expires: '1h', ...BY });
    system.clock.advance(HOUR);
    assert.ok(Number(await deleteExpired(system)) >= 1);
  });

  it('records its use at most every five minutes, after the response', async () => {
    await using scene = await started();
    const { system, ada, id } = scene;
    const token = await createTokenOn(ada);
    const lastUse = async () => {
      await isAdmitted(system, token);
      await settleRequests(system);
      return (await tokensOf(system).list(id))[0]?.lastUsedAt;
    };
    const first = await lastUse();
    assert.equal(first, system.clock.read());
    system.clock.advance(5 * MINUTE - 1);
    assert.equal(await lastUse(), first);
    system.clock.advance(1);
    assert.equal(await lastUse(), system.clock.read());
  });
});

describe('the page of API tokens', () => {
  it('A56: shows a new token once, in the response to its form, which no cache keeps', async () => {
    await using scene = await started();
    const { system, ada } = scene;
    const answer = await ada.submit(NEW_TOKEN, READ);
    const token = tokenOn(answer);
    await isAdmitted(system, token);
    assert.ok(!system.logLines.join().includes(token.slice(-20)));
    assert.deepEqual([answer.status, answer.headers.get('cache-control')], [200, 'no-store']);
    for (const path of [TOKENS_PAGE, NEW_TOKEN, '/account', '/account/export'])
      assert.ok(!(await ada.get(path)).body.includes(token), path);
    const { body } = await ada.get(TOKENS_PAGE);
    assert.match(body, /<bdi>laptop<\/bdi>/);
    assert.match(body, /notes:read/);
  });

  it('A66: makes one token when its form is sent twice, and shows it both times', async () => {
    await using scene = await started();
    const { system, ada, id } = scene;
    const fields = { ...READ, csrf: await ada.token(NEW_TOKEN) };
    const twin = system.visitor();
    for (const [name, value] of ada.cookies) twin.cookies.set(name, value);
    const [one, other] = await Promise.all([ada.post(NEW_TOKEN, fields), twin.post(NEW_TOKEN, fields)]);
    assert.notEqual(tokenOn(one), '');
    assert.equal(tokenOn(one), tokenOn(other));
    assert.equal((await tokensOf(system).list(id)).length, 1);
  });

  it('A38: asks for fresh authentication before a token is created, and for none before one is revoked', async () => {
    await using scene = await started();
    const { system, ada } = scene;
    const token = await createTokenOn(ada);
    system.clock.advance(10 * MINUTE);
    assert.match(String((await ada.get(NEW_TOKEN)).location), /^\/account\/confirm\?/);
    const asJson = await ada.postJson(`/api${NEW_TOKEN}`, READ);
    assert.deepEqual([asJson.status, reasonsOf(asJson)], [401, ['fresh-authentication-required']]);
    const { body } = await ada.get(TOKENS_PAGE);
    const [, chosen = ''] = /name="token" value="([^"]+)"/.exec(body) ?? [];
    const csrf = await ada.token(TOKENS_PAGE);
    assert.equal((await ada.post(`${TOKENS_PAGE}/revoke`, { csrf, token: chosen })).location, TOKENS_PAGE);
    assert.deepEqual(await refusal(system, token), INVALID);
  });

  it('refuses a form without name, lifetime or scope, and keeps what was chosen', async () => {
    await using scene = await started();
    const { ada } = scene;
    const answer = await ada.submit(NEW_TOKEN, { name: ' ', expires: '7d', 'scope-notes:write': 'on' });
    assert.equal(answer.status, 422);
    assert.match(answer.body, /Give it a name of 1 to 60 characters/);
    assert.match(answer.body, /value="7d" checked/);
    assert.match(answer.body, /name="scope-notes:write"[^>]* checked/);
    assert.match((await ada.submit(NEW_TOKEN, { ...READ, expires: '91d' })).body, /Choose one of these/);
    const refused = await ada.postJson(`/api${NEW_TOKEN}`, { name: 'x'.repeat(61), expires: '' });
    assert.deepEqual(reasonsOf(refused), ['name-invalid', 'expiry-unknown', 'scope-missing']);
  });

  it('creates and revokes tokens as JSON by the same rules', async () => {
    await using scene = await started();
    const { system, ada } = scene;
    const answer = await ada.postJson(`/api${NEW_TOKEN}`, { ...READ, 'scope-notes:read': true });
    const { token, scopes, expiresAt, id } = JSON.parse(answer.body);
    assert.ok(await isAdmitted(system, token));
    assert.deepEqual(scopes, ['notes:read']);
    assert.equal(expiresAt, new Date(system.clock.read() + 30 * DAY).toISOString());
    const revoked = await ada.postJson(`/api${TOKENS_PAGE}/revoke`, { token: id });
    assert.equal(JSON.parse(revoked.body).revoked, 1);
    assert.ok(!(await isAdmitted(system, token)));
    await createTokenOn(ada);
    assert.equal(JSON.parse((await ada.postJson(`/api${TOKENS_PAGE}/revoke-all`, {})).body).revoked, 1);
  });

  it('A17: revokes no token of another user', async () => {
    await using scene = await started();
    const { system, ada, id } = scene;
    const token = await createTokenOn(ada);
    const [own] = await tokensOf(system).list(id);
    const ben = await registerAndSignIn(system.visitor(), BEN);
    const foreign = await ben.postJson(`/api${TOKENS_PAGE}/revoke`, { token: own?.id });
    const unknown = await ben.postJson(`/api${TOKENS_PAGE}/revoke`, { token: 'x' });
    assert.equal(foreign.body, unknown.body);
    await ben.postJson(`/api${TOKENS_PAGE}/revoke-all`, {});
    assert.ok(await isAdmitted(system, token));
  });

  it('does not exist without scopes or API_TOKENS, and then the guard says so', async () => {
    await using scene = await started({});
    const { system, ada, id } = scene;
    assert.equal((await ada.get(TOKENS_PAGE)).status, 404);
    assert.doesNotMatch((await ada.get('/account')).body, /API tokens/);
    await assert.rejects(guardRoute(system, { tokens: true }), /give the option scopes, or apiTokens: true/);
    await assert.rejects(tokensOf(system).create(id, { name: 'x', ...BY }), TypeError);
  });

  it('notifies the owner by mail', async () => {
    await using system = await startSystem({ ...WITH_TOKENS, email: 'optional' });
    const ada: Visitor = system.visitor();
    await ada.register(ADA.username, ADA.password, 'ada@example.org');
    await openAndConfirm(ada, (await newestConfirmation(system)).path);
    await ada.signIn(ADA.username, ADA.password);
    system.clock.advance(SECOND);
    await createTokenOn(ada);
    const [mail] = await mailsOf(system, 'api-token-created');
    assert.match(String(mail?.text), /The API token “laptop” was created/);
    assert.match(String(mail?.text), /\/account\/tokens/);
  });
});

describe('API tokens in code', () => {
  it('are created by the rules of the page, with their actor in the audit log', async () => {
    await using scene = await started();
    const { system, id } = scene;
    const tokens = tokensOf(system);
    const right = { name: 'nightly export', scopes: ['notes:read'], ...BY };
    const created = await tokens.create(id, { ...right, expires: '30d' });
    assert.ok(created.ok);
    assert.equal(created.expiresAt, system.clock.read() + 30 * DAY);
    const [listed, ...more] = await tokens.list(id);
    assert.deepEqual([listed?.id, listed?.name, more.length], [created.id, 'nightly export', 0]);
    assert.partialDeepStrictEqual(eventsOf(system, 'api-token-created'), [
      { accountId: id, tokenId: created.id },
    ]);
    for (const [wrong, reason] of [
      [{ name: '' }, 'name-invalid'],
      [{ name: 'two\nlines' }, 'name-invalid'],
      [{ name: 'reversed \u202etpircs' }, 'name-invalid'],
      [{ scopes: [] }, 'scope-missing'],
      [{ scopes: ['notes:read', 'notes:delete'] }, 'unknown-scope'],
      [{ expires: '91d' }, 'expiry-unknown'],
      [{ expires: '0d' }, 'expiry-unknown'],
    ] as const)
      assert.deepEqual(await tokens.create(id, { ...right, ...wrong }), { ok: false, reason });
    for (const unknown of ['', 'x', '00000000-0000-7000-8000-000000000000']) {
      assert.deepEqual(await tokens.create(unknown, right), { ok: false, reason: 'not-found' });
      assert.deepEqual(await tokens.list(unknown), []);
      assert.deepEqual(await tokens.revoke(unknown, BY), { ok: false, reason: 'not-found' });
    }
    await assert.rejects(tokens.create(id, { ...right, by: '' }), TypeError);
    assert.deepEqual(await tokens.revoke(created.id, BY), { ok: true });
    assert.deepEqual(await tokens.revoke(created.id, BY), { ok: false, reason: 'not-found' });
    assert.ok(!(await isAdmitted(system, created.token)));
  });
});
