import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HOUR } from '../../src/platform/runtime/clock.ts';
import { reachInside, startSystem, type TestSystem } from '../kit/system.ts';
import { ADA, signedIn } from '../kit/visitor.ts';

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
});
