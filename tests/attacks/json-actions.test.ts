import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HOUR } from '../../src/platform/runtime/clock.ts';
import { eventsOf, reachInside, startSystem, type TestSystem } from '../kit/system.ts';
import { ADA, copyOf, signedIn } from '../kit/visitor.ts';

const PASSWORD = '/api/account/password';
const END_OTHERS = '/api/account/sessions/end-others';
const NEW_PASSWORD = 'nine curious lanterns over water';

function jsonPaths(system: TestSystem): readonly string[] {
  const { features } = reachInside(system, 'no page lists the routes');
  return features.flatMap(({ routes }) => routes.flatMap((route) => ('body' in route ? [route.path] : [])));
}

describe('an action as JSON', () => {
  it('is below /api at the path of its form', async () => {
    await using system = await startSystem();
    const { features, core } = reachInside(system, 'no page lists the routes');
    const forms = features
      .filter(({ isOn }) => isOn?.(core) !== false)
      .flatMap(({ actions = [] }) => actions.map(({ path }) => `/api${path}`));
    assert.deepEqual(jsonPaths(system), forms);
    assert.ok(forms.length > 0);
  });

  it('A29: is refused when a page of another origin sends it', async () => {
    await using system = await startSystem();
    const { ada } = await signedIn(system);
    for (const path of jsonPaths(system)) {
      for (const headers of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': '', origin: 'https://attacker.example' },
        { 'sec-fetch-site': '', origin: 'null' },
        { 'sec-fetch-site': '', origin: '' },
      ]) {
        const answer = await ada.postJson(path, {}, headers);
        assert.equal(answer.status, 403, path);
      }
    }
    assert.equal((await ada.get('/api/session')).status, 200);
  });

  it('A30: is refused as a form, as plain text and as anything but one JSON object of texts', async () => {
    await using system = await startSystem();
    const { ada } = await signedIn(system);
    for (const path of jsonPaths(system)) {
      for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data', ''])
        assert.equal((await ada.postJson(path, {}, { 'content-type': type })).status, 415, `${path} ${type}`);
      for (const body of [[], { session: { $ne: '' } }, { session: ['a', 'b'] }, { session: 1 }])
        assert.equal((await ada.postJson(path, body)).status, 400, `${path} ${JSON.stringify(body)}`);
    }
  });

  it('is answered with 401 and a problem without a session', async () => {
    await using system = await startSystem();
    const answer = await system.visitor().postJson(PASSWORD, { newPassword: NEW_PASSWORD });
    assert.equal(answer.status, 401);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
  });

  it('does what its form does, with the same events and messages', async () => {
    await using system = await startSystem();
    const { ada } = await signedIn(system);
    await system.visitor().signIn(ADA.username, ADA.password);
    const answer = await ada.postJson(END_OTHERS, {});
    assert.equal(answer.status, 200);
    assert.deepEqual(JSON.parse(answer.body), {
      next: '/account/sessions',
      messages: [{ kind: 'success', text: 'You are signed out in 1 other place now.' }],
      ended: 1,
    });
    assert.equal(system.events.at(-1)?.type, 'other-sessions-ended');
    assert.equal(ada.cookies.has('latchkey-flash'), false, 'the message is in the answer');
  });

  it('names each reason for which it did nothing, with its field and its text', async () => {
    await using system = await startSystem();
    const { ada } = await signedIn(system);
    system.clock.advance(HOUR);
    const answer = await ada.postJson(PASSWORD, { newPassword: 'short' });
    assert.equal(answer.status, 422);
    const { title, status, problems } = JSON.parse(answer.body);
    assert.deepEqual({ title, status }, { title: 'Invalid fields', status: 422 });
    assert.deepEqual(
      problems.map(({ reason, field }: { reason: string; field: string }) => [reason, field]),
      [
        ['current-missing', 'currentPassword'],
        ['password-too-short', 'newPassword'],
      ],
    );
    assert.match(problems[1].detail, /^That has 5 characters/);
  });

  it('A05: is limited together with its form, and says when to try again', async () => {
    await using system = await startSystem();
    const { ada } = await signedIn(system);
    system.clock.advance(HOUR);
    const wrong = { currentPassword: 'not the password of Ada', newPassword: NEW_PASSWORD };
    const fields = { 'current-password': wrong.currentPassword, 'new-password': wrong.newPassword };
    for (const _ of [1, 2, 3]) assert.equal((await ada.submit('/account/password', fields)).status, 401);
    for (const _ of [1, 2]) assert.equal((await ada.postJson(PASSWORD, wrong)).status, 401);
    const answer = await ada.postJson(PASSWORD, wrong);
    assert.equal(answer.status, 429);
    assert.equal(answer.headers.get('retry-after'), '30');
    assert.equal(JSON.parse(answer.body).problems[0].reason, 'too-many');
    assert.equal((await ada.submit('/account/password', fields)).status, 429);
  });

  it('A11: changes a password, ends every other session and replaces the token of this one', async () => {
    await using system = await startSystem();
    const { ada } = await signedIn(system);
    const other = system.visitor();
    await other.signIn(ADA.username, ADA.password);
    const before = ada.cookies.get('latchkey');
    const answer = await ada.postJson(PASSWORD, {
      currentPassword: ADA.password,
      newPassword: NEW_PASSWORD,
    });
    assert.equal(answer.status, 200, answer.body);
    assert.notEqual(ada.cookies.get('latchkey'), before);
    assert.equal((await ada.get('/api/session')).status, 200);
    assert.equal((await other.get('/api/session')).status, 401);
  });

  it('A66: is not done twice when it is sent again with its Idempotency-Key, and has the same outcome', async () => {
    await using system = await startSystem();
    const { ada } = await signedIn(system);
    const retry = copyOf(system, ada);
    const change = { currentPassword: ADA.password, newPassword: NEW_PASSWORD };
    const key = { 'idempotency-key': '8e03978e-40d5-43e8-bc93-6894a57f9324' };
    const lost = await ada.postJson(PASSWORD, change, key);
    assert.equal(lost.status, 200, lost.body);
    const again = await retry.postJson(PASSWORD, change, key);
    assert.deepEqual([again.status, again.body], [200, lost.body]);
    assert.equal(retry.cookies.get('latchkey'), ada.cookies.get('latchkey'));
    assert.equal((await retry.get('/api/session')).status, 200);
    assert.equal(eventsOf(system, 'password-changed').length, 1);
    const other = system.visitor();
    assert.equal(
      (await other.postJson(PASSWORD, change, key)).status,
      401,
      'another browser gets nothing of it',
    );
  });

  it('A66: begins one session when two equal sign-ins have one Idempotency-Key, and two without', async () => {
    await using system = await startSystem();
    await system.visitor().register(ADA.username, ADA.password);
    const signIn = (headers: Record<string, string>) => system.visitor().postJson('/api/login', ADA, headers);
    const key = { 'idempotency-key': '"clkyoesmbgybucifusbbtdsbohtyuuwz"' };
    const answers = await Promise.all([signIn(key), signIn(key)]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200],
    );
    assert.equal(eventsOf(system, 'signed-in').length, 1);
    const others = { 'idempotency-key': '0123456789abcdef' };
    await signIn(others);
    await signIn({});
    assert.equal(eventsOf(system, 'signed-in').length, 3);
    assert.equal((await signIn({ 'idempotency-key': 'too short' })).status, 400);
  });

  it('A55: is refused at once with more fields than any form has, and with values that are no text', async () => {
    await using system = await startSystem();
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, number) => [`field${number}`, '']));
    for (const body of [many, { username: 1 }, { username: {} }, { username: ['Ada'] }, ['Ada']])
      assert.equal((await system.visitor().postJson('/api/login', body)).status, 400);
    assert.equal((await system.visitor().postJson('/api/login', { username: null })).status, 422);
  });

  it('A44: clears what the browser stores when it signs out or deletes the account, as the form does', async () => {
    await using system = await startSystem({ signOutClears: 'storage' });
    for (const path of ['/api/logout', '/api/account/delete']) {
      const { ada } = await signedIn(system);
      const answer = await ada.postJson(path, {});
      assert.equal(answer.status, 200, answer.body);
      assert.equal(answer.headers.get('clear-site-data'), '"storage"', path);
    }
  });

  it('P75: says in the log that its body was read before', async () => {
    await using system = await startSystem();
    const request = new Request(`${system.origin}/api/login`, {
      method: 'POST',
      body: JSON.stringify(ADA),
      headers: { 'content-type': 'application/json', origin: system.origin },
    });
    await request.text();
    assert.equal((await system.fetch(request)).status, 403);
    assert.equal(eventsOf(system, 'request-refused').at(-1)?.['reason'], 'body-consumed');
  });

  it('does not claim that an address is confirmed where the account has none', async () => {
    await using system = await startSystem();
    const { ada } = await signedIn(system);
    const answer = await ada.postJson('/api/account/confirm-address', { code: '123456' });
    assert.deepEqual([answer.status, JSON.parse(answer.body).messages], [200, []]);
  });
});
