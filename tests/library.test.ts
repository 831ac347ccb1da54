import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { Hono } from 'hono';
import { html } from 'hono/html';
import {
  createLatchkey,
  type Latchkey,
  MailRefusedError,
  type Options,
  type OutgoingMail,
  type SendMail,
  SettingsError,
} from '../src/index.ts';
import { MINUTE } from '../src/platform/runtime/clock.ts';
import { createTestAuthenticator, createTestLatchkey, type TestOptions } from '../src/testing/index.ts';
import { queueNotices } from './kit/mail.ts';
import { ADDRESS, CONFIRM_STEP } from './kit/mailed-links.ts';
import { metricsIn, total } from './kit/metrics.ts';
import { registerByPasskey, signInWithPasskey } from './kit/passkeys.ts';
import { CODES_STEP } from './kit/second-factors.ts';
import { deliverMail, SECRET_KEY, startSystem } from './kit/system.ts';
import { temporaryFolder } from './kit/temporary.ts';
import { ADA, createVisitor, enterSession, newestFlow, pathTo } from './kit/visitor.ts';

const ORIGIN = 'http://localhost:3000';

function applicationWith(latchkey: Latchkey) {
  const app = new Hono();
  app.get('/private', latchkey.loginRequired, (context) => {
    const { username } = context.get('user');
    const csrf = latchkey.csrfToken(context.get('session'));
    return context.html(html`<p>Hello, ${username}</p><input type="hidden" name="csrf" value="${csrf}">`);
  });
  app.get('/kept', latchkey.loginRequired, (context) => {
    context.header('cache-control', 'private, max-age=60');
    return context.text('kept');
  });
  app.get('/kept-page', latchkey.loginRequired, (context) => {
    context.header('cache-control', 'private, max-age=600');
    return context.html('<p>kept</p>');
  });
  app.get('/fetched', latchkey.loginRequired, () => fetch('data:text/plain,fetched'));
  app.post('/transfer', latchkey.loginRequired, (context) => context.text('done'));
  app.get('/who', async ({ req, json }) => json((await latchkey.session(req.raw))?.user.username ?? null));
  app.get('/who/with-cookie', async ({ req }) => {
    const headers = new Headers({ 'cache-control': 'max-age=60' });
    const signedIn = await latchkey.session(req.raw, headers);
    return new Response(signedIn?.user.username, { headers });
  });
  app.all('*', ({ req }) => latchkey.fetch(req.raw));
  return app;
}

function startApplication(options: TestOptions = {}) {
  const auth = createTestLatchkey(options);
  const app = applicationWith(auth.latchkey);
  const visitor = () => createVisitor(async (request) => app.fetch(request), ORIGIN);
  const signedIn = async () => {
    const ada = visitor();
    enterSession(ada, await auth.user(ADA));
    return ada;
  };
  return { ...auth, visitor, signedIn };
}

describe('an application that embeds Latchkey', () => {
  it('guards its own pages, and knows who is signed in', async () => {
    await using application = startApplication();
    const ada = application.visitor();
    const away = await ada.get('/private?page=2');
    assert.deepEqual([away.status, away.location], [303, '/login?next=%2Fprivate%3Fpage%3D2']);
    assert.equal((await ada.get('/private', { accept: 'application/json' })).status, 401);
    assert.equal((await ada.get('/who')).body, 'null');
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    assert.match((await ada.get('/private')).body, /Hello, Ada/);
    assert.equal((await ada.get('/who')).body, '"Ada"');
  });

  it('lets new users register with a passkey, and knows them as signed in with two factors', async () => {
    await using application = startApplication({ email: 'off' });
    const ada = application.visitor();
    const authenticator = createTestAuthenticator({ origin: ORIGIN });
    const registered = await registerByPasskey(ada, { username: 'Ada' }, authenticator.create);
    assert.equal(pathTo(registered), CODES_STEP);
    assert.equal((await ada.get('/who')).body, 'null', 'the recovery codes come first');
    await ada.submit(CODES_STEP, {});
    assert.match((await ada.get('/private')).body, /Hello, Ada/);
    const browser = application.visitor();
    await signInWithPasskey(browser, authenticator);
    const { session } = JSON.parse((await browser.get('/api/session')).body);
    assert.deepEqual([session.aal, (await browser.get('/who')).body], [2, '"Ada"']);
  });

  it('A54: creates no account for a visitor when registration is closed or by invitation', async () => {
    for (const registration of ['closed', 'invite'] as const) {
      await using application = startApplication({ registration });
      const ada = application.visitor();
      assert.equal((await ada.get('/register')).status, 403);
      const csrf = await ada.token('/login');
      assert.equal((await ada.post('/register', { csrf, ...ADA })).status, 403);
      assert.equal((await ada.signIn(ADA.username, ADA.password)).status, 401);
    }
  });

  it('replaces the cookie of an active session wherever its own response can carry one', async () => {
    await using application = startApplication();
    const ada = await application.signedIn();
    const isReplacedBy = async (page: string) =>
      (await ada.get(page)).headers.getSetCookie().some((cookie) => cookie.startsWith('latchkey='));
    for (const page of ['/private', '/who/with-cookie', '/dashboard']) {
      application.clock.advance('10m');
      assert.equal(await isReplacedBy('/who'), false, 'session(request) has nowhere to put it');
      assert.equal(await isReplacedBy(page), true, page);
      assert.equal(await isReplacedBy(page), false, `${page}, once`);
    }
    application.clock.advance('10m');
    const refused = await ada.post('/transfer', {}, { 'sec-fetch-site': 'cross-site' });
    assert.equal(refused.status, 403);
    assert.match(String(refused.headers.getSetCookie()), /latchkey=/, 'a refusal, too');
  });

  it('A44 P11: keeps guarded pages out of every cache, and limits stored responses to one user', async () => {
    await using application = startApplication();
    const ada = await application.signedIn();
    assert.equal((await ada.get('/private')).headers.get('cache-control'), 'no-store');
    const kept = await ada.get('/kept');
    assert.equal(kept.headers.get('cache-control'), 'private, max-age=60');
    assert.equal(kept.headers.get('vary'), 'Cookie, Authorization');
    const opened = await ada.get('/kept', { 'sec-fetch-dest': 'document' });
    for (const { headers } of [opened, await ada.get('/kept-page')])
      assert.equal(headers.get('cache-control'), 'no-store');
    application.clock.advance('10m');
    const renewed = await ada.get('/kept');
    assert.match(String(renewed.headers.getSetCookie()), /latchkey=/);
    assert.equal(renewed.headers.get('cache-control'), 'no-store', 'it has the new token of the session');
    const caching = async () => (await ada.get('/who/with-cookie')).headers.get('cache-control');
    assert.equal(await caching(), 'max-age=60');
    application.clock.advance('10m');
    assert.equal(await caching(), 'no-store');
  });

  it('guards a response whose headers cannot be changed, such as one that was fetched', async () => {
    await using application = startApplication();
    const ada = await application.signedIn();
    application.clock.advance('10m');
    const { body, headers } = await ada.get('/fetched');
    assert.deepEqual([body, headers.get('cache-control')], ['fetched', 'no-store']);
    assert.match(String(headers.getSetCookie()), /latchkey=/);
  });

  it('P05: keeps its storage in browsers when a user signs out, unless it says otherwise', async () => {
    for (const [options, header] of [
      [{}, null],
      [{ signOutClears: 'storage, cache' }, '"storage", "cache"'],
      [{ signOutClears: 'none' }, null],
    ] as const) {
      await using application = startApplication(options);
      const ada = await application.signedIn();
      assert.equal((await ada.signOut()).headers.get('clear-site-data'), header);
    }
    assert.throws(() => createLatchkey({ secretKey: SECRET_KEY, signOutClears: 'cookies' }), /signOutClears/);
  });

  it('A29: refuses a form from another origin, even from a signed-in user', async () => {
    await using application = startApplication();
    const ada = await application.signedIn();
    const elsewhere = [
      { 'sec-fetch-site': 'same-site', origin: 'http://evil.localhost' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': '', origin: '' },
    ];
    for (const headers of elsewhere) {
      assert.equal((await ada.post('/transfer', {}, headers)).status, 403, JSON.stringify(headers));
    }
    assert.equal((await ada.post('/transfer', {})).body, 'done');
  });

  it('A37: treats a user whose sign-in still waits for a step as not signed in', async () => {
    await using application = startApplication({ email: 'required' });
    const ada = application.visitor();
    await ada.register(ADA.username, ADA.password, ADDRESS);
    assert.equal((await ada.signIn(ADA.username, ADA.password)).location, CONFIRM_STEP);
    assert.equal(newestFlow(ada, 'pending') !== undefined, true);
    assert.equal((await ada.get('/private')).location, '/login?next=%2Fprivate');
    assert.equal((await ada.get('/private', { accept: 'application/json' })).status, 401);
    assert.equal((await ada.get('/who')).body, 'null');
    assert.equal((await ada.get('/who/with-cookie')).body, '');
    const { code } = await application.mails.lastTo(ADDRESS);
    await ada.submit(CONFIRM_STEP, { code: String(code) });
    assert.equal((await ada.get('/who')).body, '"Ada"');
  });

  it('signs users out by a form on its own page', async () => {
    await using application = startApplication();
    const ada = await application.signedIn();
    const csrf = await ada.token('/private');
    assert.equal((await ada.post('/logout', { csrf })).location, '/login');
    assert.equal((await ada.get('/private')).status, 303);
  });

  it('gets the metrics of its own Latchkey, and nothing else', async () => {
    await using application = startApplication();
    await using other = startApplication();
    const ada = application.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    await ada.get('/who');
    const text = await application.latchkey.metrics();
    const signedIn = (metrics: string) => total(metrics, 'latchkey_sign_ins_total', { outcome: 'signed-in' });
    assert.equal(signedIn(text), 1);
    assert.equal(total(text, 'latchkey_session_checks_total', { outcome: 'current' }), 1);
    assert.equal(signedIn(await other.latchkey.metrics()), 0);
    assert.deepEqual(
      [...metricsIn(text).keys()].filter((name) => !name.startsWith('latchkey_')),
      [],
    );
  });

  it('A58: answers 503 and lets no user in when its database cannot be used', async () => {
    using folder = temporaryFolder();
    const first = createLatchkey({ databaseUrl: `sqlite:${folder.path}/x.db`, secretKey: SECRET_KEY });
    await first.ready;
    await first.close();
    makeNewer(`${folder.path}/x.db`);
    await using latchkey = disposable(
      createLatchkey({
        databaseUrl: `sqlite:${folder.path}/x.db`,
        secretKey: SECRET_KEY,
        logLevel: 'silent',
      }),
    );
    await assert.rejects(latchkey.ready, /newer Latchkey/);
    const answer = await latchkey.fetch(new Request(`${ORIGIN}/login`));
    assert.equal(answer.status, 503);
    assert.ok(answer.headers.has('retry-after'));
    await assert.rejects(latchkey.session(new Request(`${ORIGIN}/`)));
  });

  it('sends mail by its own function, and calls it again after a temporary failure', async () => {
    const taken: OutgoingMail[] = [];
    const outcomes = [new Error('busy'), new MailRefusedError('no such mailbox'), null];
    const sendMail: SendMail = async (mail) => {
      taken.push(mail);
      const outcome = outcomes[taken.length - 1] ?? null;
      if (outcome !== null) throw outcome;
    };
    await using system = await startSystem({ mailFrom: 'login@example.org' }, undefined, { sendMail });
    await queueNotices(system);
    const [later, never, sent] = [MINUTE, 0, 0];
    for (const wait of [later, never, sent]) {
      await deliverMail(system);
      system.clock.advance(2 * wait);
      if (taken.length === 2) await queueNotices(system);
    }
    assert.deepEqual(
      taken.map(({ to, from }) => [to, from.address]),
      Array.from({ length: 3 }, () => ['person.0@example.org', 'login@example.org']),
    );
    const ids = taken.map(({ messageId }) => messageId);
    assert.equal(ids[0], ids[1], 'the same mail');
    assert.notEqual(ids[1], ids[2], 'which was refused then');
    const reported = system.events.map(({ type }) => type).filter((type) => type.startsWith('mail-'));
    assert.deepEqual(reported, ['mail-delayed', 'mail-failed', 'mail-sent']);
  });

  it('gets an error for sendMail without a sender address, and for sendMail together with SMTP', () => {
    const sendMail: SendMail = async () => {};
    assert.throws(() => createLatchkey({ sendMail }), /^SettingsError: mailFrom: is missing/);
    const smtp = { smtpUrl: 'smtp://localhost', mailFrom: 'login@example.org' };
    assert.throws(() => createLatchkey({ ...smtp, sendMail }), /^SettingsError: smtpUrl: is set/);
  });

  it('A57: gets an error for an invalid option, and for one that does not exist', () => {
    assert.throws(() => createLatchkey({ sessionIdle: '0m' }), /^SettingsError: sessionIdle: "0m"/);
    const misspelt: Options = JSON.parse('{"sesionIdle":"1h"}');
    assert.throws(() => createLatchkey(misspelt), /sesionIdle: is not an option; did you mean sessionIdle\?/);
    const inCapitals: Options = JSON.parse('{"SendMail":"x"}');
    assert.throws(() => createLatchkey(inCapitals), /SendMail: is not an option; did you mean sendMail\?/);
  });

  it('gets faults that name its options, also those of providers and those that join several', () => {
    const options: Options = {
      baseUrl: 'https://login.example.org',
      email: 'required',
      oidcAcmeClientId: 'PORT',
    };
    const faults = faultsOf(() => createLatchkey({ ...options, siteName: 'PORT\n"PORT' }));
    assert.deepEqual(faults.map(({ name }) => name).sort(), [
      'oidcAcmeClientSecret',
      'oidcAcmeIssuer',
      'secretKey',
      'siteName',
    ]);
    assert.equal(
      faults.find(({ name }) => name === 'oidcAcmeIssuer')?.message,
      'is missing; oidcAcmeIssuer, oidcAcmeClientId and oidcAcmeClientSecret go together',
    );
    assert.match(String(faults.find(({ name }) => name === 'siteName')?.message), /^"PORT\\n\\"PORT" is not/);
    assert.match(String(faults.find(({ name }) => name === 'secretKey')?.message), /and baseUrl is https:/);
    const [mail] = faultsOf(() =>
      createLatchkey({ secretKey: SECRET_KEY, ...options, oidcAcmeClientId: undefined }),
    );
    assert.match(`${mail?.name}: ${mail?.message}`, /^email: .*give smtpUrl and mailFrom, too/);
  });

  it('may give lists, switches and URLs in their own types, and undefined for what is absent', async () => {
    const latchkey = createLatchkey({
      databaseUrl: 'sqlite::memory:',
      logLevel: 'silent',
      baseUrl: new URL('http://localhost:4000'),
      trustedProxies: ['loopback', '10.1.0.0/16'],
      magicLink: true,
      secretKey: process.env['LATCHKEY_SECRET_THAT_IS_NOT_SET'],
    });
    await latchkey.ready;
    await latchkey.close();
  });
});

function faultsOf(create: () => Latchkey): SettingsError['faults'] {
  try {
    create();
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
  throw new Error('these options are right');
}

function makeNewer(path: string): void {
  using database = new DatabaseSync(path);
  database.exec("INSERT INTO migrations VALUES (999, 'from the future', 0)");
}

function disposable(latchkey: Latchkey): Latchkey & AsyncDisposable {
  return { ...latchkey, [Symbol.asyncDispose]: latchkey.close };
}
