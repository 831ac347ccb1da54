import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';
import {
  allowDevice,
  askForCode,
  bearing,
  beginDevice,
  CONFIRM_DEVICE,
  DEVICE_PAGE,
  decideOn,
  enterCode,
  grantIn,
  guardRoute,
  isAdmitted,
  poll,
  TOKENS_PAGE,
  tokensOf,
  WITH_TOKENS,
} from '../kit/api-tokens.ts';
import { accountIdOf, eventsOf, startSystem } from '../kit/system.ts';
import { ADA, BEN, changePassword, newAddress, reasonsOf, registerAndSignIn } from '../kit/visitor.ts';

async function started() {
  const system = await startSystem(WITH_TOKENS);
  const ada = await registerAndSignIn(system.visitor());
  const id = String(await accountIdOf(system, ADA.username));
  return { system, ada, id, [Symbol.asyncDispose]: () => system[Symbol.asyncDispose]() };
}

describe('the device authorization grant (RFC 8628)', () => {
  it('gives a device an API token once its user has typed the code and allowed it', async () => {
    await using scene = await started();
    const { system, ada, id } = scene;
    const begun = await beginDevice(system);
    assert.deepEqual([begun.expires_in, begun.interval], [600, 5]);
    assert.equal(begun.verification_uri, `${system.origin}/device`);
    assert.equal((await poll(system, begun.device_code)).error, 'authorization_pending');
    const page = await enterCode(ada, begun.user_code.toLowerCase().replace('-', ' '));
    const shown = (await ada.get(page)).body;
    for (const text of ['notes-cli', 'Ada', 'notes:read', 'notes-cli/1.0', begun.user_code])
      assert.ok(shown.includes(text), text);
    assert.match(shown, /If another person asked you to come here/);
    assert.equal((await decideOn(ada, page, 'allow')).location, TOKENS_PAGE);
    assert.match((await ada.get(TOKENS_PAGE)).body, /It is allowed\. Go back to your device/);
    const given = await poll(system, begun.device_code);
    assert.deepEqual([given.status, given.headers.get('cache-control')], [200, 'no-store']);
    assert.deepEqual(
      [given.token_type, given.scope, given.expires_in],
      ['Bearer', 'notes:read', 90 * 86_400],
    );
    const entry = await guardRoute(
      system,
      { scope: 'notes:read' },
      { headers: bearing(String(given.access_token)) },
    );
    assert.ok(entry.ok && entry.session === null && entry.token.name === 'notes-cli');
    assert.match((await ada.get(TOKENS_PAGE)).body, /<bdi>notes-cli<\/bdi>/);
    const types = ['device-allowed', 'api-token-created'];
    for (const type of types) assert.partialDeepStrictEqual(eventsOf(system, type), [{ accountId: id }]);
  });

  it('A66: gives the same token to a device that asks again because the response was lost, for half a minute', async () => {
    await using scene = await started();
    const { system, ada, id } = scene;
    const deviceCode = await allowDevice(system, ada);
    const first = await poll(system, deviceCode);
    system.clock.advance(29 * SECOND);
    assert.equal((await poll(system, deviceCode)).access_token, first.access_token);
    assert.equal((await poll(system, deviceCode, { client_id: 'other' })).error, 'invalid_client');
    system.clock.advance(SECOND);
    assert.equal((await poll(system, deviceCode)).error, 'invalid_grant');
    assert.equal((await tokensOf(system).list(id)).length, 1);
  });

  it('A59: distinguishes a device that was denied, that asks too often, or whose request has expired', async () => {
    await using scene = await started();
    const { system, ada } = scene;
    const denied = await beginDevice(system);
    const page = await enterCode(ada, denied.user_code);
    assert.equal((await decideOn(ada, page, 'deny')).location, TOKENS_PAGE);
    for (let count = 0; count < 2; count += 1)
      assert.equal((await poll(system, denied.device_code)).error, 'access_denied');
    assert.equal((await ada.get(page)).location, DEVICE_PAGE, 'a decision is made once');
    const busy = await beginDevice(system);
    const states: unknown[] = [];
    for (const wait of [0, SECOND, 4 * SECOND, 3 * SECOND, 5 * SECOND]) {
      system.clock.advance(wait);
      states.push((await poll(system, busy.device_code)).error);
    }
    const [pending, slow] = ['authorization_pending', 'slow_down'];
    assert.deepEqual(states, [pending, slow, pending, slow, pending]);
    system.clock.advance(10 * MINUTE - 13 * SECOND);
    assert.equal((await poll(system, busy.device_code)).error, 'expired_token');
    system.clock.advance(-MINUTE);
    assert.equal((await poll(system, busy.device_code)).error, 'invalid_grant', 'and it stays expired (A59)');
  });

  it('answers requests that it does not understand in the terms of OAuth', async () => {
    await using scene = await started();
    const { system } = scene;
    const errorOf = async (fields: Readonly<Record<string, string>>) =>
      JSON.parse((await askForCode(system, fields)).body).error;
    assert.equal(await errorOf({ client_id: 'other' }), 'invalid_client');
    assert.equal(await errorOf({ scope: '' }), 'invalid_scope');
    assert.equal(await errorOf({ scope: 'notes:read notes:delete' }), 'invalid_scope');
    const { device_code } = await beginDevice(system);
    assert.equal(
      (await poll(system, device_code, { grant_type: 'password' })).error,
      'unsupported_grant_type',
    );
    assert.equal((await poll(system, device_code, { client_id: '' })).error, 'invalid_client');
    for (const code of ['', 'x', `${device_code}x`, device_code.toLowerCase()])
      assert.equal((await poll(system, code)).error, 'invalid_grant', code);
    const asJson = await system.visitor().postJson('/device/code', { client_id: 'notes-cli' });
    assert.deepEqual([asJson.status, JSON.parse(asJson.body).error], [400, 'invalid_request']);
    const get = await system.visitor().get('/device/code');
    assert.equal(get.status, 405);
  });

  it('A14 A72: spends nothing when a link with the code is opened, and allows nothing by itself', async () => {
    await using scene = await started();
    const { system, ada } = scene;
    const begun = await beginDevice(system);
    const path = begun.verification_uri_complete.replace(system.origin, '');
    const visitor = system.visitor();
    assert.equal(
      (await visitor.get(path)).location,
      `/login?next=${encodeURIComponent(path)}`,
      'it requires a sign-in',
    );
    const { body } = await ada.get(path);
    assert.ok(body.includes(`value="${begun.user_code}"`));
    assert.match(body, /they want to get into your account/);
    const strange = await ada.get(`${DEVICE_PAGE}?user_code=%3Cb%3E`);
    assert.match(strange.body, /name="user-code"[^>]* value=""/);
    assert.equal((await poll(system, begun.device_code)).error, 'authorization_pending');
    await ada.get(await enterCode(ada, begun.user_code));
    system.clock.advance(5 * SECOND);
    assert.equal((await poll(system, begun.device_code)).error, 'authorization_pending');
  });

  it('A17 A72: lets one user decide: a typed code works for no other user, and neither does the page', async () => {
    await using scene = await started();
    const { system, ada } = scene;
    const ben = await registerAndSignIn(system.visitor(), BEN);
    const { user_code, device_code } = await beginDevice(system);
    const page = await enterCode(ada, user_code);
    assert.equal(await enterCode(ada, user_code), page, 'it can be typed again by the same user');
    assert.equal((await ben.submit(DEVICE_PAGE, { 'user-code': user_code })).status, 401);
    assert.equal((await ben.get(page)).location, DEVICE_PAGE);
    const csrf = await ben.token(DEVICE_PAGE);
    const forged = await ben.post(CONFIRM_DEVICE, { csrf, grant: grantIn(page), decision: 'allow' });
    assert.equal(forged.location, DEVICE_PAGE);
    assert.equal((await poll(system, device_code)).error, 'authorization_pending');
  });

  it('A40 A72: refuses more than five wrong codes of an account, and twenty of an address', async () => {
    await using scene = await started();
    const { system, ada } = scene;
    const { user_code } = await beginDevice(system);
    const wrong = user_code.startsWith('B') ? 'CCCC-CCCC' : 'BBBB-BBBB';
    for (let count = 0; count < 5; count += 1)
      assert.equal((await ada.submit(DEVICE_PAGE, { 'user-code': wrong })).status, 401);
    assert.equal((await ada.submit(DEVICE_PAGE, { 'user-code': user_code })).status, 429);
    assert.equal(eventsOf(system, 'device-code-refused').length, 5);
    const address = newAddress();
    const statuses: number[] = [];
    for (let number = 0; number < 5; number += 1) {
      const user = system.visitorFrom(address);
      await registerAndSignIn(user, { username: `user${number}`, password: ADA.password });
      for (let count = 0; count < 4; count += 1)
        statuses.push((await user.submit(DEVICE_PAGE, { 'user-code': wrong })).status);
      if (number === 4) statuses.push((await user.submit(DEVICE_PAGE, { 'user-code': user_code })).status);
    }
    assert.deepEqual(statuses, [...Array.from({ length: 20 }, () => 401), 429]);
  });

  it('A64: gives one address thirty codes in ten minutes', async () => {
    await using scene = await started();
    const { system } = scene;
    const visitor = system.visitorFrom(newAddress());
    const fields = { client_id: 'notes-cli', scope: 'notes:read' };
    for (let count = 0; count < 30; count += 1)
      assert.equal((await visitor.post('/device/code', fields)).status, 200);
    const refused = await visitor.post('/device/code', fields);
    assert.deepEqual([refused.status, JSON.parse(refused.body).error], [429, 'slow_down']);
    assert.notEqual(refused.headers.get('retry-after'), null);
  });

  it('A38 A72: asks for fresh authentication before anything is allowed', async () => {
    await using scene = await started();
    const { system, ada } = scene;
    system.clock.advance(10 * MINUTE);
    const { user_code, device_code } = await beginDevice(system);
    const page = await enterCode(ada, user_code);
    assert.match(String((await ada.get(page)).location), /^\/account\/confirm\?next=%2Fdevice%2Fconfirm/);
    const body = { grant: grantIn(page), decision: 'allow' };
    assert.deepEqual(reasonsOf(await ada.postJson(`/api${CONFIRM_DEVICE}`, body)), [
      'fresh-authentication-required',
    ]);
    assert.equal((await poll(system, device_code)).error, 'authorization_pending');
  });

  it('A11: gives no token for a request that was allowed before a change of the password', async () => {
    await using scene = await started();
    const { system, ada, id } = scene;
    const deviceCode = await allowDevice(system, ada);
    await changePassword(ada);
    assert.equal((await poll(system, deviceCode)).error, 'invalid_grant');
    assert.deepEqual(await tokensOf(system).list(id), []);
  });

  it('does the same as JSON', async () => {
    await using scene = await started();
    const { system, ada } = scene;
    const { user_code, device_code } = await beginDevice(system);
    const refused = await ada.postJson('/api/device', { userCode: 'BBBB-BBBB' });
    assert.deepEqual([refused.status, reasonsOf(refused)], [401, ['code-refused']]);
    const entered = JSON.parse((await ada.postJson('/api/device', { userCode: user_code })).body);
    assert.deepEqual([entered.client, entered.scopes], ['notes-cli', ['notes:read']]);
    assert.equal(entered.device.userAgent, 'notes-cli/1.0');
    const undecided = await ada.postJson(`/api${CONFIRM_DEVICE}`, { grant: entered.grant });
    assert.deepEqual(reasonsOf(undecided), ['undecided']);
    const decision = { grant: entered.grant, decision: 'allow' };
    assert.equal((await ada.postJson(`/api${CONFIRM_DEVICE}`, decision)).status, 200);
    assert.deepEqual(reasonsOf(await ada.postJson(`/api${CONFIRM_DEVICE}`, decision)), ['request-closed']);
    assert.ok(await isAdmitted(system, String((await poll(system, device_code)).access_token)));
  });

  it('lies below a base path with all that it links and redirects to', async () => {
    await using system = await startSystem({ ...WITH_TOKENS, basePath: '/auth' });
    const visitor = system.visitor();
    await visitor.submit('/auth/register', ADA);
    await visitor.submit('/auth/login', ADA);
    const fields = { client_id: 'notes-cli', scope: 'notes:read' };
    const begun = JSON.parse((await visitor.post('/auth/device/code', fields)).body);
    assert.equal(begun.verification_uri, `${system.origin}/auth/device`);
    const entered = await visitor.submit('/auth/device', { 'user-code': begun.user_code });
    const page = String(entered.location);
    assert.match(page, /^\/auth\/device\/confirm\?grant=/);
    assert.equal((await decideOn(visitor, page, 'allow')).location, `/auth${TOKENS_PAGE}`);
    const { body } = await visitor.get(`/auth${TOKENS_PAGE}`);
    assert.match(body, /action="\/auth\/account\/tokens\/revoke"|href="\/auth\/account\/tokens\/new"/);
  });

  it('does not exist without clients, and needs API tokens', async () => {
    await using system = await startSystem({ apiTokens: 'on' });
    for (const path of [DEVICE_PAGE, '/device/code'])
      assert.equal((await system.visitor().get(path)).status, 404, path);
    await assert.rejects(startSystem({ deviceClients: 'notes-cli' }), /DEVICE_CLIENTS/);
    for (const deviceClients of [',', 'two words', '<b>', 'x'.repeat(41)])
      await assert.rejects(startSystem({ apiTokens: 'on', deviceClients }), /DEVICE_CLIENTS/, deviceClients);
  });
});
