import assert from 'node:assert/strict';
import { it } from 'node:test';
import { newToken } from '../../src/platform/crypto/tokens.ts';
import { MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { ADDRESS, mailsOf, newestLink, SENT, startWithLinks } from '../kit/mailed-links.ts';
import { settleRequests, type TestSystem } from '../kit/system.ts';
import {
  ADA,
  isSignedIn,
  newAddress,
  newestFlow,
  plantFlow,
  reasonsOf,
  type Visitor,
} from '../kit/visitor.ts';

const REQUEST = '/api/login/link';
const CODE = '/api/login/link/sent';
const OPEN = '/api/login/link/open';

/** Requests a mail and returns the handle of the request. */
async function request(
  system: TestSystem,
  client: Visitor,
  username: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  system.clock.advance(SECOND);
  const answer = await client.postJson(REQUEST, { username, ...more });
  await settleRequests(system);
  assert.equal(answer.status, 200, answer.body);
  const { flow, ...rest } = JSON.parse(answer.body);
  assert.deepEqual(rest, { next: SENT, messages: [] });
  return flow;
}

async function newestToken(system: TestSystem): Promise<string> {
  const { origin, path } = await newestLink(system);
  return String(new URL(path, origin).searchParams.get('token'));
}

onEveryDatabase('a sign-in by mail over JSON', (engine) => {
  it('A14 A13: is completed by the token once, in the client that requested it', async () => {
    await using system = await startWithLinks(engine);
    const [ada, other] = [system.visitor(), system.visitor()];
    await request(system, ada, ADDRESS, { next: '/account?a=b' });
    const token = await newestToken(system);
    for (const [client, body, expected] of [
      [other, { token }, [409, 'link-elsewhere']],
      [ada, { token: newToken() }, [410, 'link-gone']],
      [ada, {}, [404, 'link-unopened']],
    ] as const) {
      const answer = await client.postJson(OPEN, body);
      assert.deepEqual([answer.status, ...reasonsOf(answer)], expected);
    }
    const answer = await ada.postJson(OPEN, { token });
    assert.deepEqual(JSON.parse(answer.body), { next: '/account?a=b', messages: [], state: 'signed-in' });
    assert.equal(await isSignedIn(ada), true);
    assert.equal((await ada.postJson(OPEN, { token })).status, 410);
    assert.equal(await isSignedIn(other), false);
  });

  it('A15: succeeds once when sixteen requests with one token race', async () => {
    await using system = await startWithLinks(engine);
    const ada = system.visitor();
    await request(system, ada, ADA.username);
    const token = await newestToken(system);
    const answers = await Promise.all(Array.from({ length: 16 }, () => ada.postJson(OPEN, { token })));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  });

  it('A13 A40: takes the code of the request that its handle names, five times and within ten minutes', async () => {
    await using system = await startWithLinks(engine);
    const ada = system.visitor();
    const first = await request(system, ada, ADA.username);
    const { code } = await newestLink(system);
    const second = await request(system, ada, 'nemo');
    const refused = await ada.postJson(CODE, { code, flow: second });
    assert.deepEqual([refused.status, reasonsOf(refused)], [401, ['code-refused']]);
    const empty = await ada.postJson(CODE, { code: ' ', flow: first });
    assert.deepEqual([empty.status, reasonsOf(empty)], [422, ['code-missing']]);
    const elsewhere = await system.visitor().postJson(CODE, { code, flow: first });
    assert.deepEqual([elsewhere.status, reasonsOf(elsewhere)], [409, ['not-requested']]);
    const wrong = code === '00000000' ? '00000001' : '00000000';
    for (let times = 0; times < 4; times += 1)
      assert.equal((await ada.postJson(CODE, { code: wrong, flow: second })).status, 401);
    const tooMany = await ada.postJson(CODE, { code, flow: second });
    assert.deepEqual([tooMany.status, reasonsOf(tooMany)], [429, ['too-many']]);
    assert.ok(Number(tooMany.headers.get('retry-after')) > 0);
    const answer = await ada.postJson(CODE, { code, flow: first });
    assert.equal(JSON.parse(answer.body).state, 'signed-in');
    const late = await request(system, ada, ADA.username);
    const { code: lateCode } = await newestLink(system);
    system.clock.advance(10 * MINUTE);
    assert.equal((await ada.postJson(CODE, { code: lateCode, flow: late })).status, 401);
  });

  it('A03 A05: is requested with one answer for every name, within the limit of the form', async () => {
    await using system = await startWithLinks(engine);
    const client = system.visitorFrom(newAddress());
    for (let times = 0; times < 10; times += 1) {
      await request(system, client, times % 2 === 0 ? ADDRESS : 'nemo');
      assert.equal((await client.submit('/login/link', { username: 'nemo' })).status, 303);
    }
    const answer = await client.postJson(REQUEST, { username: ADDRESS });
    assert.deepEqual([answer.status, reasonsOf(answer)], [429, ['too-many']]);
    assert.equal((await mailsOf(system, 'magic-link')).length, 5);
    const empty = await system.visitor().postJson(REQUEST, { username: ' ' });
    assert.deepEqual([empty.status, reasonsOf(empty)], [422, ['username-missing']]);
  });

  it('A27: leads to no other site, whatever the request or the cookie contains', async () => {
    await using system = await startWithLinks(engine);
    const ada = system.visitor();
    await request(system, ada, ADA.username, { next: 'https://evil.example/' });
    const [browser = '', remember, name] = String(newestFlow(ada, 'asked')).split('.');
    const evil = Buffer.from('https://evil.example/').toString('base64url');
    plantFlow(ada, 'asked', browser, [browser, remember, name, evil].join('.'));
    const answer = await ada.postJson(OPEN, { token: await newestToken(system) });
    assert.equal(JSON.parse(answer.body).next, '/dashboard');
  });
});
