import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLatchkey, type Options, SettingsError } from '../src/index.ts';
import { createApplication } from './kit/embedded.ts';
import { SECRET_KEY } from './kit/system.ts';
import { ADA, BEN } from './kit/visitor.ts';

const SPA = 'https://app.example.org';

describe('the pages that come next', () => {
  it('are those of the application, unless an address says which', async () => {
    await using application = createApplication({
      after: { signIn: '/notes', registration: '/welcome', signOut: '/bye' },
    });
    const { latchkey, visitor, request } = application;
    const ada = visitor();
    assert.equal((await ada.register(ADA.username, ADA.password)).location, '/welcome');
    assert.equal((await ada.signIn(ADA.username, ADA.password)).location, '/notes');
    assert.equal((await ada.get('/login')).location, '/notes');
    assert.equal((await ada.get('/login?next=%2Fother')).location, '/other');
    assert.match((await ada.get('/logout')).body, /href="\/notes"/);
    const signedOut = await latchkey.signOut(request(ada, '/leave', 'POST'));
    assert.equal(signedOut.get('location'), '/bye');
    const ben = visitor();
    const token = await ben.token('/register?next=%2Fother');
    const registered = await ben.post('/register', { csrf: token, ...BEN, next: '/other' });
    assert.equal(registered.location, '/login?next=%2Fother');
  });

  it('leave no message for a later page when the application says itself that a user is signed out', async () => {
    await using application = createApplication({ after: { signOut: '/bye' } });
    const ada = application.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    await ada.signOut();
    assert.doesNotMatch((await ada.get('/login')).body, /class="flash/);
  });

  it('come at once for a user who has registered, where the application asks for it', async () => {
    await using application = createApplication({
      signInAfterRegistration: true,
      after: { signIn: '/notes', registration: '/welcome' },
    });
    const ada = application.visitor();
    assert.equal((await ada.register(ADA.username, ADA.password)).location, '/welcome');
    const { latchkey, request } = application;
    const entry = await latchkey.guard(request(ada, '/notes'));
    assert.ok(entry.ok && entry.user.username === ADA.username && entry.session.method === 'password');
    const other = application.visitor();
    const token = await other.token('/register');
    const refused = await other.post('/register', {
      csrf: token,
      username: ADA.username,
      password: BEN.password,
    });
    assert.equal(refused.status, 422, 'a name that is taken signs no user in');
  });

  it('A03: come after the confirmation of an address where one is due', async () => {
    await using application = createApplication({ email: 'required', signInAfterRegistration: true });
    const ada = application.visitor();
    const registered = await ada.register(ADA.username, ADA.password, 'ada@example.org');
    assert.equal(registered.location, '/login');
    assert.equal((await ada.get('/api/session')).status, 401);
  });

  it('are refused as options where they would lead elsewhere or in a circle', () => {
    const faultsOf = (options: Options) => {
      try {
        createLatchkey({ databaseUrl: 'sqlite::memory:', secretKey: SECRET_KEY, ...options });
      } catch (error) {
        if (error instanceof SettingsError) return error.faults.map(({ name }) => name);
        throw error;
      }
      return [];
    };
    for (const page of [
      '//evil.example',
      'https://evil.example/',
      'notes',
      '/\\evil.example',
      '/login',
      '/register',
    ])
      assert.deepEqual(faultsOf({ after: { signIn: page } }), ['after.signIn'], page);
    assert.deepEqual(faultsOf({ after: { signIn: `${SPA}/`, signOut: '//x' } }), [
      'after.signIn',
      'after.signOut',
    ]);
    assert.deepEqual(faultsOf({ trustedOrigins: ['http://app.example.org'] }), ['trustedOrigins']);
    assert.deepEqual(faultsOf({ trustedOrigins: ['https://app.example.org/path'] }), ['trustedOrigins']);
    assert.deepEqual(faultsOf({ basePath: 'auth/../x' }), ['basePath']);
  });
});

describe('a trusted origin', () => {
  it('may call guarded routes and be led back to, and no other origin may', async () => {
    await using application = createApplication({ trustedOrigins: [SPA], after: { signIn: `${SPA}/home` } });
    const { latchkey, visitor, request } = application;
    const ada = visitor();
    await ada.register(ADA.username, ADA.password);
    const page = await ada.get('/login');
    assert.match(
      String(page.headers.get('content-security-policy')),
      /form-action 'self' https:\/\/app\.example\.org;/,
    );
    assert.equal((await ada.signIn(ADA.username, ADA.password)).location, `${SPA}/home`);
    assert.equal(
      (await ada.get(`/login?next=${encodeURIComponent(`${SPA}/x?y#z`)}`)).location,
      `${SPA}/x?y#z`,
    );
    const from = async (origin: string) => {
      const headers = { origin, 'sec-fetch-site': 'same-site' };
      return (await latchkey.guard(request(ada, '/notes', 'POST', headers))).ok;
    };
    assert.deepEqual(
      [await from(SPA), await from('https://other.example.org'), await from('null')],
      [true, false, false],
    );
  });

  it('A27: leads to it in one spelling only', async () => {
    await using application = createApplication({ trustedOrigins: [SPA] });
    const ada = application.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    for (const next of [
      'https://app.example.org.evil.example/',
      'https://app.example.org@evil.example/',
      'https://user@app.example.org/',
      'https:app.example.org',
      'https:/app.example.org',
      'https:\\\\app.example.org',
      '//app.example.org/',
      'http://app.example.org/',
      'https://app.example.org:8443/',
      ' https://app.example.org/',
      'javascript://app.example.org/%0aalert(1)',
    ])
      assert.equal((await ada.get(`/login?next=${encodeURIComponent(next)}`)).location, '/dashboard', next);
  });

  it('A29: cannot send the forms of Latchkey itself', async () => {
    await using application = createApplication({ trustedOrigins: [SPA] });
    const ada = application.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    const csrf = await ada.token('/logout');
    const foreign = { origin: SPA, 'sec-fetch-site': 'same-site' };
    assert.equal((await ada.post('/logout', { csrf }, foreign)).status, 403);
    assert.equal((await ada.postJson('/api/logout', {}, foreign)).status, 403);
    assert.equal((await ada.get('/account')).status, 200);
  });
});
