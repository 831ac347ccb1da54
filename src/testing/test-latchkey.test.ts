import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import {
  ADA,
  createVisitor,
  enterSession,
  type HeaderFields,
  WRONG_PASSWORD,
} from '../../tests/kit/visitor.ts';
import type { From } from '../index.ts';
import { createTestLatchkey, type TestOptions } from './index.ts';

const ORIGIN = 'http://localhost:3000';

const auth = createTestLatchkey({ roles: ['admin', 'editor'] });
after(() => auth.close());
beforeEach(() => auth.reset());

const visitor = (from: From = 'unknown') =>
  createVisitor((request) => auth.latchkey.fetch(request, from), ORIGIN);
const request = (headers: HeaderFields, method = 'GET') =>
  new Request(`${ORIGIN}/notes`, { method, headers });

describe('a user of a test', () => {
  it('is signed in with address and roles, as by the login page', async () => {
    const { user, session, headers, cookie } = await auth.user({ roles: ['editor'] });
    assert.deepEqual([user.username, user.email, user.emailVerified], ['user-1', 'user-1@example.org', true]);
    assert.deepEqual([session.method, session.roles], ['password', ['editor']]);
    const entry = await auth.latchkey.guard(request(headers, 'POST'), { role: 'editor', fresh: true });
    assert.ok(entry.ok);
    assert.deepEqual(entry.user, user);
    assert.equal((await auth.latchkey.guard(request({ cookie }), { role: 'admin' })).ok, false);
    const browser = visitor();
    enterSession(browser, await auth.signIn(user));
    assert.match((await browser.get('/account')).body, /user-1/);
    assert.deepEqual(await auth.mails.all(), [], 'the browser counts as known');
  });

  it('has the name, address and password that the test gives, and can sign in by the form', async () => {
    const { password } = await auth.user({ username: 'Ada', email: null });
    assert.equal((await visitor().signIn('Ada', password)).location, '/dashboard');
    const admin = await auth.user({ username: 'admin', password: ADA.password, emailVerified: false });
    assert.equal(admin.user.emailVerified, false);
    assert.equal((await visitor().signIn('admin', ADA.password)).location, '/dashboard');
    await assert.rejects(auth.user({ username: 'ADA' }), /the user ADA cannot be created: username-taken/);
    await assert.rejects(auth.user({ password: 'secret' }), /cannot be created: password-too-short/);
  });

  it('is signed in without a password, too, and for longer on request', async () => {
    const created = await auth.latchkey.users.create({ username: 'Ben', by: 'a test' });
    assert.ok(created.ok);
    const { session, cookie } = await auth.signIn(created.user, { remember: true });
    assert.deepEqual([session.method, session.isRemembered], ['test', true]);
    auth.clock.advance('8d');
    assert.ok((await auth.latchkey.guard(request({ cookie }))).ok);
  });

  it('is not signed in where the login page would not: disabled, deleted, or with a step to do', async () => {
    const { user } = await auth.user();
    await auth.latchkey.users.disable(user.id, { by: 'a test' });
    await assert.rejects(auth.signIn(user), /the user cannot sign in: the account is disabled/);
    await auth.latchkey.users.delete(user.id, { by: 'a test' });
    await assert.rejects(auth.signIn(user), /the user cannot sign in/);
    await assert.rejects(auth.signIn({ id: 'Ada' }), /Ada is not the id of a user/);
    await using strict = createTestLatchkey({ email: 'required' });
    await assert.rejects(
      strict.user({ emailVerified: false }),
      /“confirm-address” is required first, at \/login\/confirm-address/,
    );
  });

  it('has cookies for a browser, which depend on the origin and the prefix', async () => {
    await using secure = createTestLatchkey({ baseUrl: 'https://localhost:8443', cookiePrefix: 'notes' });
    const { cookies, headers } = await secure.user();
    assert.deepEqual(cookies.map(({ name }) => name).toSorted(), ['__Host-notes', '__Host-notes-device']);
    for (const { value, ...cookie } of cookies)
      assert.deepEqual(cookie, {
        name: cookie.name,
        url: 'https://localhost:8443',
        httpOnly: true,
        secure: true,
        sameSite: 'Lax',
      });
    assert.equal(headers.origin, 'https://localhost:8443');
  });

  it('has API tokens, with scopes that the compiler knows', async () => {
    await using notes = createTestLatchkey({ scopes: ['notes:read'] });
    const { user } = await notes.user();
    const token = { name: 'cron', scopes: ['notes:read'], by: 'a test' } as const;
    const created = await notes.latchkey.tokens.create(user.id, token);
    assert.ok(created.ok);
    const headers = { authorization: `Bearer ${created.token}` };
    assert.ok((await notes.latchkey.guard(request(headers), { scope: 'notes:read' })).ok);
    // @ts-expect-error: a scope that is not defined
    assert.equal((await notes.latchkey.guard(request(headers), { scope: 'notes:reed' })).ok, false);
  });

  it('has roles that the compiler knows', async () => {
    const { session } = await auth.user({ roles: ['admin'] });
    const known: 'admin' | 'editor' | undefined = session.roles[0];
    assert.equal(known, 'admin');
    // @ts-expect-error: a role that is not defined
    await assert.rejects(auth.user({ roles: ['ownr'] }), /unknown-role/);
  });
});

describe('a login system for tests', () => {
  it('ends sessions when its clock says so', async () => {
    const { headers } = await auth.user();
    auth.clock.advance('11m');
    const stale = await auth.latchkey.guard(request(headers), { fresh: true });
    assert.equal(stale.ok || stale.reason, 'not-fresh');
    auth.clock.advance('1d');
    assert.equal(await auth.latchkey.session(request(headers)), null);
  });

  it('keeps mail, with its links and codes', async () => {
    await using strict = createTestLatchkey({ email: 'required' });
    const ada = createVisitor((request) => strict.latchkey.fetch(request, 'unknown'), ORIGIN);
    await ada.register(ADA.username, ADA.password, 'ada@example.org');
    const mail = await strict.mails.lastTo('Ada@Example.org');
    assert.deepEqual([mail.to, mail.name], ['ada@example.org', 'confirm-address']);
    assert.match(String(mail.code), /^\d{8}$/);
    assert.match(String(mail.links[0]), /^http:\/\/localhost:3000\/verify-email\?token=/);
    await assert.rejects(
      strict.mails.lastTo('ben@example.org'),
      /to ben@example.org; there are mails to ada@example.org/,
    );
    assert.equal((await strict.mails.all()).length, 1);
  });

  it('is empty after a reset, also of counted attempts, at the time of its beginning', async () => {
    const start = auth.clock.now();
    const { headers } = await auth.user(ADA);
    auth.clock.advance('1h');
    const guesser = visitor({ address: '192.0.2.9' });
    const statuses: number[] = [];
    for (let guess = 0; guess < 6; guess += 1)
      statuses.push((await guesser.signIn(ADA.username, WRONG_PASSWORD)).status);
    assert.equal(statuses.at(-1), 429);
    await auth.reset();
    assert.ok(auth.clock.now() - start < 60_000);
    assert.equal(await auth.latchkey.session(request(headers)), null);
    assert.deepEqual(await auth.latchkey.users.list(), { users: [], next: null });
    assert.deepEqual(await auth.mails.all(), []);
    await auth.user(ADA);
    assert.equal((await guesser.signIn(ADA.username, ADA.password)).location, '/dashboard');
  });

  it('uses no database, secret or service that the options of the application name', async () => {
    const production = {
      databaseUrl: 'postgres://app:secret@192.0.2.1/app',
      migrate: 'manual',
      redisUrl: 'rediss://192.0.2.1',
      smtpUrl: 'smtp://192.0.2.1',
      mailFrom: 'login@example.org',
      breachedPasswords: 'hibp',
      secretKey: ['p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu'],
      passwordPepper: 'W5xQ1oTi8NvB3rCk7ZyP0mDf6GhL2sJa',
    } satisfies TestOptions;
    await using notes = createTestLatchkey(production);
    const { user } = await notes.user({ password: ADA.password });
    assert.ok(user.emailVerified);
    await assert.rejects(notes.user({ email: null }), /email-missing/, 'smtpUrl requires addresses');
  });

  it('names a wrong option as it was written', () => {
    assert.throws(() => createTestLatchkey({ sessionIdle: '0m' }), /^SettingsError: sessionIdle: "0m"/);
  });
});

describe('the refusal of tests in production', () => {
  it('A57: refuses to create anything where NODE_ENV is production', () => {
    const before = process.env['NODE_ENV'];
    try {
      for (const word of ['production', ' Production ']) {
        process.env['NODE_ENV'] = word;
        assert.throws(() => createTestLatchkey(), /does not run in production: NODE_ENV is production/);
      }
    } finally {
      if (before === undefined) delete process.env['NODE_ENV'];
      else process.env['NODE_ENV'] = before;
    }
  });

  it('A57: refuses an origin that is not of this machine', () => {
    for (const baseUrl of ['https://notes.example', new URL('https://localhost.example:8443')])
      assert.throws(() => createTestLatchkey({ baseUrl }), /baseUrl is https:.*give one of this machine/);
  });
});
