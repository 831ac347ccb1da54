import assert from 'node:assert/strict';
import { it } from 'node:test';
import { newToken } from '../../src/platform/crypto/tokens.ts';
import { DAY, HOUR } from '../../src/platform/runtime/clock.ts';
import { SettingsError } from '../../src/platform/settings/read.ts';
import { settingsFromOptions } from '../../src/read-settings.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  ADDRESS,
  CONFIRM_STEP,
  confirmationsTo,
  isConfirmed,
  mailsOf,
  newestConfirmation,
  openAndConfirm,
  REQUIRED,
  registerAda,
  requestResetPath,
  resend,
} from '../kit/mailed-links.ts';
import { deleteExpired, reachInside, SECRET_KEY, startSystem, usernamesIn } from '../kit/system.ts';
import { ADA, pathTo, WRONG_PASSWORD } from '../kit/visitor.ts';

it('EMAIL=required prevents the start when no mail can be sent', async () => {
  const options = { baseUrl: 'https://login.example.org', ...REQUIRED };
  await assert.rejects(startSystem(options), (error: unknown) => {
    assert.ok(error instanceof SettingsError);
    assert.match(error.message, /^EMAIL.*no mail can be sent; give SMTP_URL/);
    return true;
  });
  assert.equal(settingsFromOptions({ ...MAIL_SERVER, secretKey: SECRET_KEY }).email, 'required');
  assert.equal(settingsFromOptions({ secretKey: SECRET_KEY }).email, 'optional');
});

const MAIL_SERVER = { smtpUrl: 'smtp://localhost:2525', mailFrom: 'login@example.org' };

onEveryDatabase('an account whose email address must be confirmed', (engine) => {
  it('A37: cannot be signed in to before that, and the right password leads to the page that explains it', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = await registerAda(system);
    const answer = await ada.signIn(ADA.username, ADA.password);
    assert.deepEqual([answer.status, answer.location], [303, CONFIRM_STEP]);
    assert.match((await ada.get(CONFIRM_STEP)).body, /Confirm your email address/);
    assert.equal((await ada.get('/dashboard')).location, '/login?next=%2Fdashboard');
    assert.equal((await ada.get('/api/session')).status, 401);
    assert.equal((await ada.signIn(ADA.username, WRONG_PASSWORD)).status, 401);
  });

  it('is confirmed by the link in the browser that registered it, without being signed in', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = await registerAda(system);
    const { path } = await newestConfirmation(system);
    const confirmed = await openAndConfirm(ada, path);
    assert.deepEqual([confirmed.status, confirmed.location], [303, '/login']);
    assert.equal((await ada.get('/api/session')).status, 401);
    assert.match((await ada.get('/login')).body, /Your address is confirmed/);
    assert.equal((await ada.signIn(ADA.username, ADA.password)).location, '/dashboard');
    assert.equal(JSON.parse((await ada.get('/api/session')).body).user.emailVerified, true);
    system.clock.advance(2 * DAY);
    await deleteExpired(system);
    assert.deepEqual(await usernamesIn(system), [ADA.username], 'it stays');
  });

  it('is named behind its link in the browser that registered it, and in no other', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = await registerAda(system);
    const { path } = await newestConfirmation(system);
    for (const [browser, isNamed] of [
      [ada, true],
      [system.visitor(), false],
    ] as const) {
      await browser.get(path);
      assert.equal(/the account Ada\./.test((await browser.get('/verify-email')).body), isNamed);
    }
  });

  it('continues the pending sign-in of the browser that opens the link', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = await registerAda(system);
    await ada.signIn(ADA.username, ADA.password);
    const { path } = await newestConfirmation(system);
    assert.equal((await openAndConfirm(ada, path)).location, '/dashboard');
    assert.equal((await ada.get('/dashboard')).status, 200);
  });

  it('A14: is not confirmed by a mail scanner that opens links and presses buttons', async () => {
    await using system = await startSystem(REQUIRED, engine);
    await registerAda(system);
    const { path } = await newestConfirmation(system);
    const scanner = system.visitor();
    const opened = await scanner.get(path);
    assert.deepEqual([opened.status, pathTo(opened), opened.body], [303, '/verify-email', '']);
    const page = await scanner.get('/verify-email');
    assert.match(page.body, /type="password"/);
    assert.doesNotMatch(page.body, new RegExp(`\\b${ADA.username}\\b`), 'names nobody');
    assert.equal((await scanner.submit('/verify-email', {})).status, 422);
    assert.equal((await scanner.submit('/verify-email', { password: WRONG_PASSWORD })).status, 401);
    scanner.cookies.set('latchkey-registration', newToken());
    assert.equal((await scanner.submit('/verify-email', {})).status, 422);
    assert.equal(await isConfirmed(system), false);
  });

  it('A18: is confirmed in another browser only with its password, so the owner of the mailbox alone cannot do it', async () => {
    await using system = await startSystem(REQUIRED, engine);
    await registerAda(system);
    const { path } = await newestConfirmation(system);
    const owner = system.visitor();
    const before = system.hasher.counts.verifications;
    assert.equal((await openAndConfirm(owner, path, WRONG_PASSWORD)).status, 401);
    assert.equal(system.hasher.counts.verifications, before + 1);
    const confirmed = await openAndConfirm(owner, path, ADA.password);
    assert.deepEqual([confirmed.status, confirmed.location], [303, '/login']);
    assert.equal((await owner.get('/api/session')).status, 401, 'nobody is signed in by it');
    assert.equal(await isConfirmed(system), true);
  });

  it('A06: allows no more password guesses on the confirmation page than at sign-in', async () => {
    await using system = await startSystem(REQUIRED, engine);
    await registerAda(system);
    const { path } = await newestConfirmation(system);
    const thief = system.visitorFrom('192.0.2.66');
    await thief.get(path);
    const statuses: number[] = [];
    for (let tries = 0; tries < 6; tries += 1)
      statuses.push((await thief.submit('/verify-email', { password: WRONG_PASSWORD })).status);
    assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429]);
    assert.equal((await thief.signIn(ADA.username, WRONG_PASSWORD)).status, 429, 'counted together');
  });

  it('A14: is confirmed only once, and only by the newest link', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = await registerAda(system);
    const old = await newestConfirmation(system);
    await ada.signIn(ADA.username, ADA.password);
    await resend(system, ada, CONFIRM_STEP);
    assert.equal(pathTo(await ada.get(old.path)), '/verify-email');
    assert.equal((await ada.get('/verify-email')).status, 410);
    assert.match((await ada.submit(CONFIRM_STEP, { code: old.code })).body, /That code is not right/);
    const { path } = await newestConfirmation(system);
    assert.equal((await openAndConfirm(ada, path)).status, 303);
    await ada.get(path);
    assert.equal((await ada.get('/verify-email')).status, 410, 'once');
  });

  it('A14: is not confirmed by a link that is one day old', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = await registerAda(system);
    const { path } = await newestConfirmation(system);
    system.clock.advance(DAY - 1);
    await ada.get(path);
    const csrf = await ada.token('/verify-email');
    system.clock.advance(1);
    assert.equal((await ada.post('/verify-email', { csrf })).status, 410);
    assert.equal(await isConfirmed(system), false);
  });

  it('A13: gives the same answer to every link that does not work', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = await registerAda(system);
    const { path } = await newestConfirmation(system);
    await openAndConfirm(ada, path);
    const [spent = '', other = ''] = [path, await requestResetPath(system)].map((link) => link.split('=')[1]);
    const seen = new Set<string>();
    for (const token of [spent, other, newToken(), spent.slice(1), `${spent}x`, '', 'null', '[]']) {
      const visitor = system.visitor();
      await visitor.get(`/verify-email?token=${token}`);
      const { status, body } = await visitor.get('/verify-email');
      seen.add(`${status} ${body}`);
    }
    assert.equal(seen.size, 1);
    assert.match([...seen].join(), /^410 .*This link does not work/s);
  });

  it('gets at most five more confirmation mails an hour', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = await registerAda(system);
    await ada.signIn(ADA.username, ADA.password);
    for (let times = 0; times < 5; times += 1)
      assert.equal((await resend(system, ada, CONFIRM_STEP)).status, 303);
    const refused = await resend(system, ada, CONFIRM_STEP);
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    assert.equal((await confirmationsTo(system)).length, 6);
    system.clock.advance(HOUR);
    await ada.signIn(ADA.username, ADA.password);
    assert.equal((await resend(system, ada, CONFIRM_STEP)).status, 303);
  });

  it('A28: gets a link that begins with BASE_URL, whatever host the request names', async () => {
    await using system = await startSystem({ ...REQUIRED, baseUrl: 'http://localhost:4321' }, engine);
    const ada = system.visitor();
    const headers = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
    await ada.submit('/register', { ...ADA, email: ADDRESS }, headers);
    const { link } = await newestConfirmation(system);
    assert.match(link, /^http:\/\/localhost:4321\/verify-email\?token=/);
    const [mail] = await mailsOf(system, 'confirm-address');
    assert.doesNotMatch(String(mail?.text) + String(mail?.html), /evil\.example/);
  });

  it('A43: keeps its link and its code out of the log and the database', async () => {
    await using system = await startSystem({ ...REQUIRED, logLevel: 'debug' }, engine);
    const ada = await registerAda(system);
    const { path, code } = await newestConfirmation(system);
    await ada.signIn(ADA.username, ADA.password);
    const { queries } = reachInside(system, 'no page shows what is stored of a link').core.database;
    const rows = await queries.selectFrom('one_time_tokens').selectAll().execute();
    await ada.submit(CONFIRM_STEP, { code });
    const stored = system.logLines.join('') + JSON.stringify(rows) + JSON.stringify(system.events);
    assert.equal(stored.includes(code), false);
    assert.equal(stored.includes(path.slice(path.indexOf('=') + 1)), false);
  });
});
