import assert from 'node:assert/strict';
import { it } from 'node:test';
import { MINUTE } from '../../src/platform/runtime/clock.ts';
import { SettingsError } from '../../src/platform/settings/read.ts';
import {
  flagPasswordsAsBreached,
  LISTED_PASSWORD,
  NEW_PASSWORD_STEP,
  setPassword,
} from '../kit/breached-passwords.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  ADDRESS,
  ASK,
  mailsOf,
  newestConfirmation,
  newestLink,
  OPEN,
  openAndConfirm,
  openAndReset,
  registerAda,
  requestLink,
  requestResetPath,
  SENT,
  startWithLinks,
  visitorWithRequestedLink,
} from '../kit/mailed-links.ts';
import { createTestStep } from '../kit/sign-in-steps.ts';
import { disableAccount, reachInside, settleRequests, startSystem } from '../kit/system.ts';
import { guess } from '../kit/throttling.ts';
import {
  ADA,
  accountOf,
  BEN,
  isSignedIn,
  newAddress,
  newestFlow,
  pathTo,
  plantFlow,
  responseText,
  WRONG_PASSWORD,
} from '../kit/visitor.ts';

const NEW_PASSWORD = 'four grey herons on a pier';

onEveryDatabase('a sign-in by mail', (engine) => {
  it('A14: is completed by the link of the mail, only by a POST, only once, and only within ten minutes', async () => {
    await using system = await startWithLinks(engine);
    const ada = await visitorWithRequestedLink(system);
    const { path } = await newestLink(system);
    assert.equal(pathTo(await ada.get(path)), OPEN);
    for (let times = 0; times < 3; times += 1) assert.equal((await ada.get(OPEN)).status, 200);
    assert.equal(await isSignedIn(ada), false);
    assert.equal((await ada.submit(OPEN, {})).location, '/dashboard');
    assert.match((await ada.get('/dashboard')).body, /a mail/);
    const other = await visitorWithRequestedLink(system);
    await other.get(path);
    assert.equal((await other.get(OPEN)).status, 410, 'once');
    const { path: late, code } = await newestLink(system);
    await other.get(late);
    const csrf = await other.token(OPEN);
    system.clock.advance(10 * MINUTE);
    assert.equal((await other.post(OPEN, { csrf })).status, 410);
    assert.equal((await other.submit(SENT, { code })).status, 401, 'nor by its code');
  });

  it('A40: has a code of eight random digits', async () => {
    await using system = await startWithLinks(engine);
    const { oneTimeCodes } = reachInside(system, 'a thousand mails would be too many').core;
    const codes = Array.from({ length: 1_000 }, () => oneTimeCodes.make(['about']).code);
    for (let at = 0; at < 8; at += 1)
      assert.ok(new Set(codes.map((code) => code[at])).size === 10, `digit ${at + 1}`);
    assert.ok(codes.every((code) => /^\d{8}$/.test(code)));
  });

  it('remembers the requested page, and whether to stay signed in', async () => {
    await using system = await startWithLinks(engine);
    const ada = system.visitor();
    const more = { next: '/account?a=b', remember: 'on' };
    await requestLink(system, ada, ADA.username, more);
    await ada.get((await newestLink(system)).path);
    const answer = await ada.submit(OPEN, {});
    assert.equal(answer.location, '/account?a=b');
    assert.match(String(answer.headers.getSetCookie()), /latchkey=[^;]+; Max-Age=2592000/);
  });

  it('A27: never redirects to another site, whatever the cookie contains', async () => {
    await using system = await startWithLinks(engine);
    const ada = await visitorWithRequestedLink(system);
    const [token = '', remember, name] = String(newestFlow(ada, 'asked')).split('.');
    const evil = Buffer.from('https://evil.example/').toString('base64url');
    plantFlow(ada, 'asked', token, [token, remember, name, evil].join('.'));
    await ada.get((await newestLink(system)).path);
    assert.equal((await ada.submit(OPEN, {})).location, '/dashboard');
  });

  it('A13: is possible only in the browser that requested it, by link and by code', async () => {
    await using system = await startWithLinks(engine);
    const ada = await visitorWithRequestedLink(system);
    const { path, code } = await newestLink(system);
    const scanner = system.visitor();
    await scanner.get(path);
    const page = await scanner.get(OPEN);
    assert.equal(page.status, 409);
    assert.doesNotMatch(page.body, /<form/);
    const thief = system.visitor();
    assert.equal((await thief.get(SENT)).location, ASK);
    const token = String(newestFlow(ada, 'asked'));
    await requestLink(system, thief, 'nobody');
    assert.equal((await thief.submit(SENT, { code })).status, 401);
    await thief.get(path);
    assert.equal((await thief.get(OPEN)).status, 409, 'it requested another one');
    await ada.get(path);
    assert.equal((await ada.submit(OPEN, {})).location, '/dashboard', token);
  });

  it('A04: counts wrong codes by network address as well, however many browsers an attacker invents', async () => {
    await using system = await startWithLinks(engine);
    const address = newAddress();
    const statuses: number[] = [];
    for (let times = 0; times < 31; times += 1) {
      const visitor = system.visitorFrom(address);
      const token = Buffer.alloc(32, times).toString('base64url');
      plantFlow(visitor, 'asked', token, [token, '0', 'QWRh', ''].join('.'));
      statuses.push((await visitor.submit(SENT, { code: '12345678' })).status);
    }
    assert.deepEqual(statuses, [...Array<number>(30).fill(401), 429]);
  });

  it('A07: is not voided by attackers who request one for the same account, nor are its mails used up', async () => {
    await using system = await startWithLinks(engine);
    const ada = await visitorWithRequestedLink(system);
    const { path } = await newestLink(system);
    for (let times = 0; times < 6; times += 1) await visitorWithRequestedLink(system);
    await ada.get(path);
    assert.equal((await ada.submit(OPEN, {})).location, '/dashboard');
    await ada.signOut();
    const before = (await mailsOf(system, 'magic-link')).length;
    await requestLink(system, ada, ADA.username);
    assert.equal((await mailsOf(system, 'magic-link')).length, before + 1);
    await ada.get((await newestLink(system)).path);
    assert.equal((await ada.submit(OPEN, {})).location, '/dashboard');
  });

  it('A37: enforces every required step', async () => {
    const step = createTestStep();
    await using system = await startSystem({ email: 'optional', magicLink: 'on' }, engine, {
      features: step.features,
    });
    await openAndConfirm(await registerAda(system), (await newestConfirmation(system)).path);
    step.blocked.add((await accountOf(system)).id);
    const ada = await visitorWithRequestedLink(system);
    await ada.get((await newestLink(system)).path);
    assert.equal((await ada.submit(OPEN, {})).location, step.path);
    assert.equal(await isSignedIn(ada), false);
    assert.equal((await ada.submit(step.path, {})).location, '/dashboard');
    assert.equal(await isSignedIn(ada), true);
  });

  it('requires a breached password to be replaced', async () => {
    await using system = await startWithLinks(engine);
    await setPassword(system, ADA.username, LISTED_PASSWORD);
    await flagPasswordsAsBreached(system);
    const ada = await visitorWithRequestedLink(system);
    await ada.get((await newestLink(system)).path);
    assert.equal((await ada.submit(OPEN, {})).location, '/login/new-password');
    const answer = await ada.submit('/login/new-password', { 'new-password': NEW_PASSWORD });
    assert.equal(answer.location, '/dashboard');
    assert.equal((await system.visitor().signIn(ADA.username, NEW_PASSWORD)).location, '/dashboard');
  });

  it('A12: is refused when the account was disabled after the link was opened', async () => {
    await using system = await startWithLinks(engine);
    const ada = await visitorWithRequestedLink(system);
    await ada.get((await newestLink(system)).path);
    const csrf = await ada.token(OPEN);
    await disableAccount(system, ADA.username);
    assert.equal((await ada.post(OPEN, { csrf })).status, 410);
    assert.equal(await isSignedIn(ada), false);
  });

  it('A11: becomes void when the password is reset', async () => {
    await using system = await startWithLinks(engine);
    const thief = await visitorWithRequestedLink(system);
    const { path } = await newestLink(system);
    await openAndReset(system.visitor(), await requestResetPath(system), NEW_PASSWORD);
    await thief.get(path);
    assert.equal((await thief.get(OPEN)).status, 410);
  });

  it('A11: becomes void when a breached password is replaced at sign-in', async () => {
    await using system = await startWithLinks(engine);
    const thief = await visitorWithRequestedLink(system);
    const { path } = await newestLink(system);
    await setPassword(system, ADA.username, LISTED_PASSWORD);
    const ada = system.visitor();
    assert.equal((await ada.signIn(ADA.username, LISTED_PASSWORD)).location, NEW_PASSWORD_STEP);
    await ada.submit(NEW_PASSWORD_STEP, { 'new-password': NEW_PASSWORD });
    assert.equal(await isSignedIn(ada), true);
    await thief.get(path);
    assert.equal((await thief.get(OPEN)).status, 410);
  });

  it('A07: is possible while attackers have used up every password attempt', async () => {
    await using system = await startWithLinks(engine);
    for (let times = 0; times < 10; times += 1) await guess(system, ADA.username);
    const ada = await visitorWithRequestedLink(system, ADDRESS);
    assert.equal((await ada.submit(SENT, { code: (await newestLink(system)).code })).location, '/dashboard');
  });
});

onEveryDatabase('a request to sign in by mail', (engine) => {
  it('A03: gets the same answers whichever account is named, before and after wrong codes', async () => {
    await using system = await startWithLinks(engine, { email: 'optional' });
    await system.visitor().register(BEN.username, BEN.password, 'ben@example.org');
    const heard = new Set<string>();
    for (const name of [ADA.username, ADDRESS, BEN.username, 'ben@example.org', 'nobody', 'x@y@z']) {
      const visitor = system.visitorFrom(newAddress());
      const first = responseText(await requestLink(system, visitor, name));
      const page = responseText(await visitor.get(SENT));
      const wrong = [];
      for (let times = 0; times < 6; times += 1)
        wrong.push(responseText(await visitor.submit(SENT, { code: WRONG_PASSWORD })));
      heard.add(JSON.stringify([first, page, wrong]));
    }
    assert.equal(heard.size, 1);
    const recipients = new Set((await mailsOf(system, 'magic-link')).map(({ to }) => to));
    assert.deepEqual([...recipients], [ADDRESS], 'an address that is not confirmed is no way in');
  });

  it('sends at most five mails an hour to one account, and gets the same answer after that', async () => {
    await using system = await startWithLinks(engine);
    for (let times = 0; times < 7; times += 1) await visitorWithRequestedLink(system);
    assert.equal((await mailsOf(system, 'magic-link')).length, 5);
  });

  it('A28: sends a link to the origin of this site, whatever host the request names', async () => {
    await using system = await startWithLinks(engine);
    const headers = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
    await system.visitor().submit(ASK, { username: ADDRESS }, headers);
    await settleRequests(system);
    assert.equal((await newestLink(system)).origin, system.origin);
  });
});

it('sign-in by mail is not found when MAGIC_LINK is off, and MAGIC_LINK=on requires mail and addresses', async () => {
  {
    await using system = await startSystem({});
    assert.equal((await system.visitor().get(ASK)).status, 404);
    assert.doesNotMatch((await system.visitor().get('/login')).body, /mail instead/);
  }
  const wrong = [
    [{ email: 'off' }, /MAGIC_LINK.*EMAIL is "off"/],
    [{ baseUrl: 'https://login.example.org', email: 'optional' }, /MAGIC_LINK.*no mail can be sent/],
  ] as const;
  for (const [options, message] of wrong)
    await assert.rejects(startSystem({ ...options, magicLink: 'on' }), (error: unknown) => {
      assert.ok(error instanceof SettingsError);
      assert.match(error.message, message);
      return true;
    });
});
