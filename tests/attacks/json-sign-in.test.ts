import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SECOND } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { startWithStep } from '../kit/sign-in-steps.ts';
import { disableAccount, startSystem } from '../kit/system.ts';
import { ADA, BEN, WRONG_PASSWORD } from '../kit/visitor.ts';

const LOGIN = '/api/login';
const { username, password } = ADA;
const WRONG = { username, password: WRONG_PASSWORD };

onEveryDatabase('a sign-in over JSON', (engine) => {
  it('begins a session with the same cookies as the form, and ends it', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(username, password);
    const [form, json] = [system.visitor(), system.visitor()];
    await form.signIn(username, password);
    const answer = await json.postJson(LOGIN, { username, password, next: '/account' });
    assert.equal(answer.status, 200, answer.body);
    assert.deepEqual(JSON.parse(answer.body), { next: '/account', messages: [], state: 'signed-in' });
    const shape = (cookies: Map<string, string>) =>
      [...cookies.keys()].map((name) => name.replace(/-\w{16}$/, ''));
    assert.deepEqual(shape(json.cookies).toSorted(), shape(form.cookies).toSorted());
    assert.equal((await json.get('/api/session')).status, 200);
    const left = await json.postJson('/api/logout', {});
    assert.deepEqual(JSON.parse(left.body).messages, [
      { kind: 'success', text: 'You have been logged out.' },
    ]);
    assert.equal((await json.get('/api/session')).status, 401);
    assert.equal((await form.get('/api/session')).status, 200);
  });

  it('A27: leads to no other site', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(username, password);
    for (const next of ['https://attacker.example/', '//attacker.example', '/\\attacker.example']) {
      const answer = await system.visitor().postJson(LOGIN, { username, password, next });
      assert.equal(JSON.parse(answer.body).next, '/dashboard');
    }
  });

  it('A01: gives one answer for each failure', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(username, password);
    await system.visitor().register(BEN.username, BEN.password);
    await disableAccount(system, BEN.username);
    const answers = [];
    for (const fields of [
      WRONG,
      { username: 'a name without an account', password },
      { username: 'nobody@example.org', password },
      { username, password: 'x'.repeat(5_000) },
      { username: BEN.username, password: BEN.password },
    ]) {
      const answer = await system.visitor().postJson(LOGIN, fields);
      assert.equal(answer.headers.getSetCookie().length, 0, 'no cookie tells more');
      answers.push(`${answer.status} ${answer.body}`);
    }
    assert.equal(new Set(answers).size, 1, answers.join('\n'));
    assert.match(String(answers[0]), /^401 .*"reason":"sign-in-refused","field":null/);
  });

  it('A05: shares its limits with the form', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(username, password);
    const attacker = () => system.visitorFrom('198.51.100.4');
    for (const _ of [1, 2]) await attacker().signIn(username, WRONG_PASSWORD);
    for (const _ of [1, 2, 3]) assert.equal((await attacker().postJson(LOGIN, WRONG)).status, 401);
    for (const fields of [WRONG, { username, password }]) {
      const answer = await attacker().postJson(LOGIN, fields);
      assert.equal(answer.status, 429, 'also with the right password');
      assert.ok(Number(answer.headers.get('retry-after')) > 0);
    }
    assert.equal((await attacker().signIn(username, password)).status, 429);
  });

  it('A37: waits for a required step without a session, and names the step', async () => {
    await using started = await startWithStep(engine);
    const { system, step } = started;
    const ada = system.visitor();
    const answer = await ada.postJson(LOGIN, { username, password });
    assert.equal(answer.status, 200);
    const { flow, ...rest } = JSON.parse(answer.body);
    assert.deepEqual(rest, { next: step.path, messages: [], state: 'step', step: 'stand-in' });
    assert.match(flow, /^[\w-]{16}$/);
    assert.equal((await ada.get('/api/session')).status, 401);
    const other = system.visitor();
    await other.postJson('/api/login/cancel', { flow });
    system.clock.advance(SECOND);
    assert.equal((await ada.get(step.path)).status, 200, 'another browser does not cancel it');
    const cancelled = await ada.postJson('/api/login/cancel', { flow });
    assert.deepEqual(JSON.parse(cancelled.body).messages, [
      { kind: 'notice', text: 'You are not signed in.' },
    ]);
    assert.equal((await ada.get(step.path)).location, '/login');
  });

  it('A09: ends the session that the browser had', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(username, password);
    const ada = system.visitor();
    await ada.postJson(LOGIN, { username, password });
    const before = ada.cookies.get('latchkey');
    await ada.postJson(LOGIN, { username, password });
    const copy = system.visitor();
    copy.cookies.set('latchkey', String(before));
    assert.equal((await copy.get('/api/session')).status, 401);
    assert.equal((await ada.postJson(LOGIN, WRONG)).status, 401);
    assert.equal((await ada.get('/api/session')).status, 200, 'a refused sign-in ends nothing');
  });
});
