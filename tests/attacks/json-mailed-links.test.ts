import assert from 'node:assert/strict';
import { it } from 'node:test';
import { newToken } from '../../src/platform/crypto/tokens.ts';
import { HOUR } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  ADDRESS,
  acceptedPasswords,
  addressOf,
  confirmPath,
  mailsOf,
  NEW_ADDRESS,
  reportPath,
  requestResetPath,
  resetPathsTo,
  startWithAda,
  startWithAdaAndBen,
  undoPath,
} from '../kit/mailed-links.ts';
import { settleRequests, startSystem, type TestSystem } from '../kit/system.ts';
import { ADA, type Answer, NEW_PASSWORD, newAddress, reasonsOf } from '../kit/visitor.ts';

const REQUEST_RESET = '/api/forgot-password';
const RESET = '/api/reset-password';
const REPORT = '/api/not-me';
const EMAIL = '/api/account/email';

/** The token of a link. */
function tokenOf(path: string): string {
  return String(new URL(path, 'https://login.example.org').searchParams.get('token'));
}

async function requestReset(system: TestSystem, username: string): Promise<Answer> {
  const answer = await system.visitor().postJson(REQUEST_RESET, { username });
  await settleRequests(system);
  return answer;
}

onEveryDatabase('a password reset by JSON', (engine) => {
  it('A11: replaces the password and ends every session, with the token in the body', async () => {
    await using system = await startWithAda(engine);
    const elsewhere = system.visitor();
    await elsewhere.signIn(ADA.username, ADA.password);
    const client = system.visitor();
    assert.equal((await requestReset(system, ADA.username)).status, 200);
    const [path = ''] = await resetPathsTo(system);
    const answer = await client.postJson(RESET, { token: tokenOf(path), newPassword: NEW_PASSWORD });
    assert.equal(answer.status, 200, answer.body);
    assert.equal(JSON.parse(answer.body).next, '/login');
    assert.equal(client.cookies.has('latchkey'), false, 'no session begins');
    assert.equal((await elsewhere.get('/api/session')).status, 401);
    assert.deepEqual(await acceptedPasswords(system, [ADA.password, NEW_PASSWORD]), [NEW_PASSWORD]);
  });

  it('A03: is requested with one answer for every name', async () => {
    await using system = await startWithAda(engine);
    const [known, unknown] = [await requestReset(system, ADDRESS), await requestReset(system, 'nemo')];
    assert.deepEqual([known.status, known.body], [unknown.status, unknown.body]);
    assert.equal((await mailsOf(system, 'reset-password')).length, 1);
  });

  it('A05: is requested within the limit of the form', async () => {
    await using system = await startWithAda(engine);
    const client = system.visitorFrom(newAddress());
    for (let times = 0; times < 5; times += 1) {
      assert.equal((await client.postJson(REQUEST_RESET, { username: 'nemo' })).status, 200);
      assert.equal((await client.submit('/forgot-password', { username: 'nemo' })).status, 303);
    }
    const answer = await client.postJson(REQUEST_RESET, { username: 'nemo' });
    assert.deepEqual([answer.status, reasonsOf(answer)], [429, ['too-many']]);
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
    assert.equal((await client.submit('/forgot-password', { username: 'nemo' })).status, 429);
  });

  it('A13 A14: takes a token once, not after it has expired, and none that was invented', async () => {
    await using system = await startWithAda(engine);
    const client = system.visitor();
    const [spent, expired] = [
      tokenOf(await requestResetPath(system)),
      tokenOf(await requestResetPath(system)),
    ];
    assert.equal((await client.postJson(RESET, { token: spent, newPassword: 'ada' })).status, 422);
    assert.equal((await client.postJson(RESET, { token: spent, newPassword: NEW_PASSWORD })).status, 200);
    system.clock.advance(HOUR);
    for (const token of [spent, expired, newToken(), 'null']) {
      const answer = await client.postJson(RESET, { token, newPassword: ADA.password });
      assert.deepEqual([answer.status, reasonsOf(answer)], [410, ['link-gone']]);
    }
    const without = await client.postJson(RESET, { newPassword: ADA.password });
    assert.deepEqual([without.status, reasonsOf(without)], [404, ['link-unopened']]);
    assert.deepEqual(await acceptedPasswords(system, [ADA.password, NEW_PASSWORD]), [NEW_PASSWORD]);
  });

  it('A15: succeeds once when sixteen requests race', async () => {
    await using system = await startWithAda(engine);
    const token = tokenOf(await requestResetPath(system));
    const answers = await Promise.all(
      Array.from({ length: 16 }, () =>
        system.visitor().postJson(RESET, { token, newPassword: NEW_PASSWORD }),
      ),
    );
    const statuses = answers.map(({ status }) => status).filter((status) => status === 200);
    assert.equal(statuses.length, 1);
    assert.equal((await mailsOf(system, 'password-changed')).length, 1);
  });

  it('is refused where no mail can be sent', async () => {
    await using system = await startSystem({ baseUrl: 'https://login.example.org' }, engine);
    const answer = await system.visitor().postJson(REQUEST_RESET, { username: ADA.username });
    assert.deepEqual([answer.status, reasonsOf(answer)], [422, ['mail-impossible']]);
  });
});

onEveryDatabase('a report of an unrecognised sign-in by JSON', (engine) => {
  it('A11 A14: ends every session once, with the token in the body', async () => {
    await using system = await startWithAda(engine);
    const attacker = system.visitorFrom(newAddress());
    await attacker.signIn(ADA.username, ADA.password);
    const token = tokenOf(await reportPath(system));
    const reset = await system.visitor().postJson(RESET, { token, newPassword: NEW_PASSWORD });
    assert.equal(reset.status, 410, 'it is of no use for another purpose (A13)');
    assert.equal((await system.visitor().postJson(REPORT, { token })).status, 200);
    assert.equal((await attacker.get('/api/session')).status, 401);
    assert.deepEqual(await acceptedPasswords(system, [ADA.password]), []);
    const again = await system.visitor().postJson(REPORT, { token });
    assert.deepEqual([again.status, reasonsOf(again)], [410, ['link-gone']]);
  });
});

onEveryDatabase('a change of address by JSON', (engine) => {
  it('A16 A38: needs fresh authentication to request, and the session of the account to confirm', async () => {
    await using started = await startWithAdaAndBen(engine);
    const { system, ada, ben } = started;
    const visitor = system.visitor();
    assert.equal((await visitor.postJson(EMAIL, { email: NEW_ADDRESS })).status, 401);
    const invalid = await ada.postJson(EMAIL, { email: 'countess' });
    assert.deepEqual([invalid.status, reasonsOf(invalid)], [422, ['email-not-an-address']]);
    assert.equal((await ada.postJson(EMAIL, { email: NEW_ADDRESS })).status, 200);
    const token = tokenOf(await confirmPath(system));
    assert.equal((await visitor.postJson(`${EMAIL}/confirm`, { token })).status, 401);
    const other = await ben.postJson(`${EMAIL}/confirm`, { token });
    assert.deepEqual([other.status, reasonsOf(other)], [410, ['link-gone']]);
    assert.equal((await ada.postJson(`${EMAIL}/confirm`, { token })).status, 200);
    assert.deepEqual(await addressOf(system), { email: NEW_ADDRESS, isConfirmed: true });
    assert.equal((await ada.postJson(`${EMAIL}/confirm`, { token })).status, 410);
    const undo = tokenOf(await undoPath(system, ADDRESS));
    assert.equal((await visitor.postJson('/api/undo-email-change', { token: undo })).status, 200);
    assert.deepEqual(await addressOf(system), { email: ADDRESS, isConfirmed: true });
    assert.equal((await ada.get('/api/session')).status, 401);
    system.clock.advance(HOUR);
    const stale = await ben.postJson(EMAIL, { email: 'ben@example.net' });
    assert.deepEqual([stale.status, reasonsOf(stale)], [401, ['fresh-authentication-required']]);
  });
});
