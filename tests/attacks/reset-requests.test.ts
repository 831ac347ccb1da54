import assert from 'node:assert/strict';
import { it } from 'node:test';
import { HOUR, MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  ADDRESS,
  FORGOTTEN,
  mailsOf,
  openAndReset,
  RESET,
  requestReset,
  requestResetPath,
  resetPathsTo,
  startWithAda,
} from '../kit/mailed-links.ts';
import { reachInside, settleRequests, startSystem } from '../kit/system.ts';
import { ADA, BEN, newAddress, WRONG_PASSWORD } from '../kit/visitor.ts';

const NEW_PASSWORD = 'four grey herons on a pier';

onEveryDatabase('a request for a password reset', (engine) => {
  it('A03: gets the same answer for every name, however often it is repeated', async () => {
    await using system = await startWithAda(engine, { email: 'optional' });
    await system.visitor().register(BEN.username, BEN.password);
    const heard = new Map<string, string>();
    for (const name of [ADA.username, ADDRESS, ADDRESS, ADDRESS, ADDRESS, BEN.username, 'nobody', 'a@b@c']) {
      const visitor = system.visitorFrom(newAddress());
      const { status, location, headers, body } = await requestReset(system, visitor, name);
      const cookies = headers.getSetCookie().map((cookie) => cookie.replace(/=[^;]+/, ''));
      const names = [...headers.keys()].toSorted();
      const next = (await visitor.get('/login')).body.replace(/name="csrf" value="[^"]+"/, '');
      heard.set(name, JSON.stringify({ status, location, cookies, names, body, next }));
    }
    assert.equal(new Set(heard.values()).size, 1);
    assert.equal((await resetPathsTo(system)).length, 3, 'three mails in half an hour');
    assert.equal((await mailsOf(system, 'reset-password')).length, 3, 'and none to anybody else');
    system.clock.advance(HOUR);
    await requestReset(system, system.visitor(), ADDRESS);
    assert.equal((await resetPathsTo(system)).length, 4);
  });

  it('A07: leaves the owner with a valid link, however often attackers repeat it', async () => {
    await using system = await startWithAda(engine);
    const known = system.visitor();
    await known.signIn(ADA.username, ADA.password);
    await known.signOut();
    for (let minute = 0; minute < 60; minute += 4) {
      await requestReset(system, system.visitorFrom(newAddress()), ADDRESS);
      system.clock.advance(4 * MINUTE - SECOND);
      const [newest = ''] = await resetPathsTo(system);
      const owner = system.visitor();
      await owner.get(newest);
      assert.equal((await owner.get(RESET)).status, 200, `after ${minute} minutes`);
      system.clock.advance(SECOND);
    }
    const before = (await resetPathsTo(system)).length;
    await requestReset(system, known, ADDRESS);
    assert.equal((await resetPathsTo(system)).length, before + 1, 'a known browser has mails of its own');
  });

  it('A03: is answered before the account is looked up', async () => {
    await using system = await startWithAda(engine);
    const ada = system.visitor();
    const csrf = await ada.token(FORGOTTEN);
    const before = system.events.length;
    const answer = await ada.post(FORGOTTEN, { csrf, username: ADDRESS });
    assert.equal(answer.status, 303);
    assert.deepEqual(system.events.slice(before), [], 'nothing has happened yet');
    await settleRequests(system);
    assert.ok(system.events.slice(before).some(({ type }) => type === 'password-reset-requested'));
  });

  it('A03: stores no token and sends no mail for an unknown name', async () => {
    await using system = await startWithAda(engine);
    const { queries } = reachInside(system, 'no page shows whether a token was stored').core.database;
    await requestReset(system, system.visitor(), 'nobody');
    const tokens = await queries.selectFrom('one_time_tokens').select('purpose').execute();
    assert.deepEqual(tokens, []);
    assert.deepEqual(await mailsOf(system, 'reset-password'), []);
  });

  it('is accepted ten times an hour from one address, and then refused in plain words', async () => {
    await using system = await startWithAda(engine);
    const visitor = system.visitorFrom(newAddress());
    const statuses: number[] = [];
    for (let times = 0; times < 11; times += 1)
      statuses.push((await requestReset(system, visitor, `nobody ${times}`)).status);
    assert.deepEqual(statuses, [...Array<number>(10).fill(303), 429]);
    const refused = await requestReset(system, visitor, 'somebody else');
    assert.match(refused.body, /Too many attempts\. Please try again in 60 minutes\./);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
  });

  it('A31: sends the mail to the address as it is stored, never as it was typed', async () => {
    await using system = await startWithAda(engine);
    for (const typed of [
      'ADA@EXAMPLE.ORG',
      'ada@example.org\u0000',
      'ada@example.org,eve@example.com',
      'ada＠example.org',
    ]) {
      await requestReset(system, system.visitor(), typed);
      system.clock.advance(HOUR);
    }
    const recipients = new Set((await mailsOf(system, 'reset-password')).map(({ to }) => to));
    assert.deepEqual([...recipients], [ADDRESS]);
  });

  it('A28: sends a link to the configured origin, whatever its headers say', async () => {
    await using system = await startWithAda(engine);
    const visitor = system.visitor();
    const headers = {
      'x-forwarded-host': 'evil.example',
      forwarded: 'host=evil.example',
      'x-forwarded-proto': 'https',
    };
    await visitor.submit(FORGOTTEN, { username: ADDRESS }, headers);
    await settleRequests(system);
    const [mail] = await mailsOf(system, 'reset-password');
    assert.ok(mail?.text.includes(`${system.origin}/reset-password?token=`));
    assert.doesNotMatch(`${mail?.text}${mail?.html}`, /evil/);
  });

  it('A03: reaches only the account that has confirmed the address', async () => {
    await using system = await startWithAda(engine);
    await system.visitor().register(BEN.username, BEN.password, ADDRESS);
    await requestReset(system, system.visitor(), BEN.username);
    assert.deepEqual(await resetPathsTo(system), [], 'the address was never Ben’s');
    await openAndReset(system.visitor(), await requestResetPath(system), NEW_PASSWORD);
    assert.equal((await system.visitor().signIn(ADA.username, NEW_PASSWORD)).status, 303);
    assert.equal((await system.visitor().signIn(ADA.username, WRONG_PASSWORD)).status, 401);
  });
});

it('the page for a forgotten password explains how to get help when no mail can be sent', async () => {
  const options = { baseUrl: 'https://login.example.org', email: 'optional' as const };
  await using system = await startSystem(options);
  const page = await system.visitor().get(FORGOTTEN);
  assert.equal(page.status, 200);
  assert.match(page.body, /Ask its operator/);
});
