import assert from 'node:assert/strict';
import { it } from 'node:test';
import { HOUR, SECOND } from '../../src/platform/runtime/clock.ts';
import { until } from '../kit/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  acme,
  goToProvider,
  registerWithProvider,
  returnFromProvider,
  startTwinProvider,
} from '../kit/federation.ts';
import {
  FORGOTTEN,
  mailsOf,
  newestLink,
  OPEN,
  RESET,
  requestResetPath,
  SENT,
  startWithAda,
  startWithLinks,
  visitorWithRequestedLink,
} from '../kit/mailed-links.ts';
import { rowsIn } from '../kit/sign-in-steps.ts';
import {
  eventsOf,
  reachInside,
  shareCookies,
  startSystem,
  startTwoNodes,
  type TestSystem,
  usernamesIn,
} from '../kit/system.ts';
import {
  ADA,
  type Answer,
  BEN,
  copyOf,
  DELETION_PAGE,
  type Fields,
  isSignedIn,
  NEW_PASSWORD,
  newToken,
  PASSWORD_PAGE,
  registerAndSignIn,
  SESSION,
  signInAs,
  type Visitor,
  WRONG_PASSWORD,
} from '../kit/visitor.ts';

/** Sends one form eight times at once, as a browser does whose first responses are lost. */
function sendAtOnce(system: TestSystem, visitor: Visitor, path: string, fields: Fields) {
  const copies = Array.from({ length: 8 }, () => copyOf(system, visitor));
  const answers = Promise.all(copies.map((copy) => copy.post(path, fields)));
  return answers.then((all) => ({ answers: all, copies }));
}

function ways(answers: readonly Answer[]): readonly string[] {
  return [...new Set(answers.map(({ status, location }) => `${status} ${location}`))];
}

onEveryDatabase('the second of two equal requests', (engine) => {
  it('A66 K12 creates no second account, and reports the success of the first', async () => {
    await using system = await startSystem({}, engine);
    const visitor = system.visitor();
    const fields = { ...ADA, csrf: await visitor.token('/register') };
    const { answers } = await sendAtOnce(system, visitor, '/register', fields);
    assert.deepEqual(ways(answers), ['303 /login']);
    assert.deepEqual(await usernamesIn(system), ['Ada']);
    assert.equal(eventsOf(system, 'registered').length, 1);
    assert.equal(system.hasher.counts.hashes, 1);
  });

  it('A66 K12 begins no second session, and gets the cookie of the first', async () => {
    await using system = await startSystem({}, engine);
    const visitor = system.visitor();
    await visitor.register(ADA.username, ADA.password);
    const fields = { ...ADA, next: '/account', csrf: await visitor.token('/login') };
    const { answers, copies } = await sendAtOnce(system, visitor, '/login', fields);
    assert.deepEqual(ways(answers), ['303 /account']);
    assert.equal((await rowsIn(system, 'sessions')).length, 1);
    assert.equal(new Set(copies.map(({ cookies }) => cookies.get(SESSION))).size, 1);
    for (const copy of copies) assert.equal(await isSignedIn(copy), true);
    assert.equal(eventsOf(system, 'signed-in').length, 1);
  });

  it('A66 K12 waits at another node for the outcome of the first', async () => {
    // However long the first takes on a busy machine, the other polls again when it is done.
    let first: Promise<Answer> | null = null;
    const pause = async () => void (await first);
    await using nodes = await startTwoNodes(engine, {}, { pause });
    const visitor = nodes.one.visitor();
    await visitor.register(ADA.username, ADA.password);
    const fields = { ...ADA, csrf: await visitor.token('/login') };
    const there = shareCookies(visitor, nodes.other);
    const { reached, release } = nodes.one.hasher.holdVerifications();
    first = visitor.post('/login', fields);
    await reached;
    const second = there.post('/login', fields);
    release();
    assert.deepEqual(ways([await first, await second]), ['303 /dashboard']);
    assert.equal(there.cookies.get(SESSION), visitor.cookies.get(SESSION));
    assert.equal((await rowsIn(nodes.one, 'sessions')).length, 1);
  });

  it('A66 K12 redirects to where the first did, in a browser that has its session already', async () => {
    await using system = await startSystem({}, engine);
    const visitor = system.visitor();
    await visitor.register(ADA.username, ADA.password);
    const fields = { ...ADA, next: '/account', csrf: await visitor.token('/login') };
    await visitor.post('/login', fields);
    const second = await visitor.post('/login', fields);
    assert.deepEqual([second.status, second.location], [303, '/account']);
    assert.deepEqual(second.headers.getSetCookie(), []);
  });

  it('A66 K12 spends no link, code or mail twice', async () => {
    await using system = await startWithLinks(engine);
    const reset = system.visitor();
    const shown = String((await reset.get(await requestResetPath(system))).location);
    const form = { csrf: await reset.token(shown), 'new-password': NEW_PASSWORD };
    assert.deepEqual(ways((await sendAtOnce(system, reset, RESET, form)).answers), ['303 /login']);
    assert.equal((await mailsOf(system, 'password-changed')).length, 1);
    const ada = await visitorWithRequestedLink(system);
    const code = { csrf: await ada.token(SENT), code: (await newestLink(system)).code };
    const entered = await sendAtOnce(system, ada, SENT, code);
    assert.deepEqual(ways(entered.answers), ['303 /dashboard']);
    const other = await visitorWithRequestedLink(system);
    await other.get((await newestLink(system)).path);
    const opened = await sendAtOnce(system, other, OPEN, { csrf: await other.token(OPEN) });
    assert.deepEqual(ways(opened.answers), ['303 /dashboard']);
    assert.equal((await rowsIn(system, 'sessions')).length, 2);
  });

  it('A66 K12 sends no second mail', async () => {
    await using system = await startWithAda(engine);
    const visitor = system.visitor();
    const fields = { csrf: await visitor.token(FORGOTTEN), username: ADA.username };
    await sendAtOnce(system, visitor, FORGOTTEN, fields);
    await reachInside(system, 'the mail is written after the answer').core.afterAnswer.settled();
    assert.equal((await mailsOf(system, 'reset-password')).length, 1);
  });

  it('A66 K12 keeps a browser signed in that lost the response to a change of password', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registerAndSignIn(system.visitor());
    const fields = { csrf: await ada.token(PASSWORD_PAGE), 'new-password': NEW_PASSWORD };
    const lost = copyOf(system, ada);
    assert.equal((await ada.post(PASSWORD_PAGE, fields)).location, '/account');
    assert.equal((await lost.post(PASSWORD_PAGE, fields)).location, '/account');
    assert.equal(lost.cookies.get(SESSION), ada.cookies.get(SESSION));
    assert.equal(await isSignedIn(lost), true);
    assert.equal((await ada.post(PASSWORD_PAGE, fields)).location, '/account', 'with the new session token');
    assert.equal(eventsOf(system, 'password-changed').length, 1);
    await signInAs(system.visitor(), { ...ADA, password: NEW_PASSWORD });
  });

  it('A66 K12 reports no error when it signs out or deletes an account', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registerAndSignIn(system.visitor());
    for (const [path, event] of [
      ['/logout', 'signed-out'],
      [DELETION_PAGE, 'account-deletion-requested'],
    ] as const) {
      const browser = await signInAs(system.visitor());
      const fields = { csrf: await browser.token(DELETION_PAGE) };
      const before = eventsOf(system, event).length;
      const { answers } = await sendAtOnce(system, browser, path, fields);
      assert.deepEqual(ways(answers), ['303 /login'], path);
      const reported = answers.map(({ headers }) => headers.get('clear-site-data'));
      assert.equal(new Set(reported).size, 1);
      assert.equal(eventsOf(system, event).length, before + 1, path);
    }
    assert.equal(await isSignedIn(ada), false);
  });

  it('A66 P28 with a provider’s answer signs in a browser that lost the first response, whatever code it contains', async () => {
    await using twin = await startTwinProvider();
    await using system = await startSystem(acme(twin), engine);
    await registerWithProvider(system.visitor(), twin, 'Ada');
    const ada = system.visitor();
    const page = await goToProvider(ada, 'acme', '/account');
    const lost = copyOf(system, ada);
    assert.equal((await returnFromProvider(ada, await twin.signIn(page))).location, '/account');
    assert.equal((await returnFromProvider(lost, await twin.signIn(page))).location, '/account');
    assert.equal(lost.cookies.get(SESSION), ada.cookies.get(SESSION));
    assert.equal((await returnFromProvider(ada, await twin.signIn(page))).location, '/account');
    assert.equal((await rowsIn(system, 'sessions')).length, 2, 'with that of the registration');
  });
});

onEveryDatabase('a request', (engine) => {
  it('A66 is processed again after it has failed', async () => {
    await using system = await startSystem({}, engine);
    const visitor = system.visitor();
    await visitor.register(ADA.username, ADA.password);
    const csrf = await visitor.token('/login');
    const wrong = { csrf, username: ADA.username, password: WRONG_PASSWORD };
    for (let times = 0; times < 2; times += 1)
      assert.equal((await visitor.post('/login', wrong)).status, 401);
    assert.equal(eventsOf(system, 'sign-in-refused').length, 2, 'each is counted');
  });

  it('A66 is a different request when a field of the same form differs', async () => {
    await using system = await startSystem({}, engine);
    const visitor = system.visitor();
    const csrf = await visitor.token('/register');
    for (const user of [ADA, BEN])
      assert.equal((await visitor.post('/register', { csrf, ...user })).location, '/login');
    assert.deepEqual((await usernamesIn(system)).toSorted(), ['Ada', 'Ben']);
  });

  it('A55 is refused when more equal ones wait than a browser sends, so that failures cost no more than others', async () => {
    await using system = await startWithAda(engine, {});
    const visitor = system.visitor();
    const fields = { username: ADA.username, password: WRONG_PASSWORD, csrf: await visitor.token('/login') };
    const submit = () => copyOf(system, visitor).post('/login', fields);
    const { reached, release } = system.hasher.holdVerifications();
    const first = submit();
    await reached;
    const others = Array.from({ length: 39 }, submit);
    const refused: Answer[] = [];
    for (const other of others) void other.then((answer) => refused.push(answer));
    await until('those without room are answered while the first is at it', () => refused.length >= 8);
    release();
    const statuses = (await Promise.all([first, ...others])).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 503).length, 8);
    assert.equal(statuses.filter((status) => status === 401 || status === 429).length, 32);
  });

  it('A59 A66 is not answered with the outcome of the first for longer because the clock was set back', async () => {
    await using system = await startWithAda(engine, {});
    const visitor = system.visitor();
    const fields = { ...ADA, csrf: await visitor.token('/login') };
    const [one, other] = [copyOf(system, visitor), copyOf(system, visitor)];
    const first = newToken(await one.post('/login', fields));
    assert.ok(first !== null);
    system.clock.advance(-HOUR);
    assert.notEqual(newToken(await other.post('/login', fields)), first);
  });

  it('A66 is not answered with the outcome that another browser had, nor after half a minute', async () => {
    await using system = await startSystem({}, engine);
    const visitor = system.visitor();
    await visitor.register(ADA.username, ADA.password);
    const fields = { ...ADA, csrf: await visitor.token('/login') };
    const before = copyOf(system, visitor);
    assert.equal((await visitor.post('/login', fields)).location, '/dashboard');
    const thief = system.visitor();
    assert.equal((await thief.post('/login', fields)).status, 403);
    assert.equal(await isSignedIn(thief), false);
    system.clock.advance(30 * SECOND);
    assert.equal((await before.post('/login', fields)).location, '/dashboard');
    assert.notEqual(before.cookies.get(SESSION), visitor.cookies.get(SESSION), 'it has signed in');
  });

  it('A56 A66 leaves no cookie or password in the database', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registerAndSignIn(system.visitor());
    const { queries } = reachInside(system, 'no page shows what is kept of a request').core.database;
    const rows = await queries.selectFrom('repeatable_requests').selectAll().execute();
    assert.equal(rows.length, 2);
    const kept = rows.map(({ outcome }) => Buffer.from(outcome ?? []).toString('latin1')).join();
    for (const secret of [String(ada.cookies.get(SESSION)), ADA.password, 'latchkey', '/dashboard'])
      assert.equal(kept.includes(secret), false, secret);
  });
});
