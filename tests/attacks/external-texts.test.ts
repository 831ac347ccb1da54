import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import {
  acme,
  CLIENT,
  connectProvider,
  goToProvider,
  redirectTarget,
  registerWithProvider,
  returnFromProvider,
  signInWithProvider,
  startTwinProvider,
} from '../kit/federation.ts';
import { unreadMessages } from '../kit/pages.ts';
import { settleAudit, startSystem } from '../kit/system.ts';
import { ADA, newestFlow } from '../kit/visitor.ts';

const TRICKS = [
  '//e.example',
  '/\\e.example',
  '/\t/e.example',
  '/.//e.example',
  'https://e.example',
  'javascript:alert(1)',
];

const SCRIPT = '<script>alert(1)</script>"\'><img src=x onerror=alert(1)>';

describe('a sign-in with an identity provider', () => {
  it('A43: shows the texts of the provider as text on every page', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider, { oidcAcmeLabel: '<b>Acme</b>' }));
    provider.profile = { sub: '"><script>', name: SCRIPT, preferred_username: SCRIPT, email: SCRIPT };
    const ada = system.visitor();
    const pages = [await ada.get('/login')];
    await signInWithProvider(ada, provider);
    pages.push(await ada.get('/register/connected'));
    await ada.submit('/register/connected', { username: 'Ada' });
    pages.push(await ada.get('/account/connections'), await ada.get('/account'));
    const error = await goToProvider(system.visitor());
    const back = new URL(String(error.searchParams.get('redirect_uri')));
    back.searchParams.set('error', SCRIPT);
    back.searchParams.set('error_description', SCRIPT);
    const visitor = system.visitor();
    const state = String((await goToProvider(visitor)).searchParams.get('state'));
    back.searchParams.set('state', state);
    back.searchParams.set('iss', provider.origin);
    assert.equal((await returnFromProvider(visitor, back)).location, '/login');
    pages.push(await visitor.get('/login'));
    for (const { body } of pages) assert.doesNotMatch(body, /<script>|<img src=x|<b>Acme/);
    assert.doesNotMatch(system.logLines.join(''), /<script|<img|onerror=/);
  });

  it('I10 accepts any characters and lengths in a profile, and proposes only values that can be used', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider));
    for (const letter of ['\x01', '"', '\\', '\u{1f511}', '\ud800', '\u202e', 'x']) {
      provider.profile = {
        sub: '"'.repeat(255),
        name: letter.repeat(300),
        preferred_username: letter.repeat(64),
        email: letter.repeat(120),
        email_verified: true,
      };
      const visitor = system.visitor();
      const { location } = await signInWithProvider(visitor, provider);
      assert.match(String(location), /^\/register\/connected/, JSON.stringify(letter));
      const { status, body } = await visitor.get(String(location));
      assert.equal(status, 200);
      assert.doesNotMatch(body, /name="email"[^>]* value="[^"]/);
    }
  });

  it('A56: leaves no token, code, state or secret in the log, the audit log or the database', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider, { logLevel: 'debug' }));
    const ada = system.visitor();
    const asked = await goToProvider(ada);
    const canaries = ['state', 'nonce'].map((name) => String(asked.searchParams.get(name)));
    canaries.push(String(newestFlow(ada, 'provider')), CLIENT.secret);
    const back = provider.signIn(asked);
    canaries.push(String(back.searchParams.get('code')));
    await returnFromProvider(ada, back);
    canaries.push(String(newestFlow(ada, 'federated')));
    await ada.submit('/register/connected', { username: 'Ada' });
    await connectProvider(ada, provider);
    await settleAudit(system);
    const folder = dirname(system.databaseUrl.slice('sqlite:'.length));
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
    for (const text of [...files, system.logLines.join('')])
      for (const canary of canaries) assert.ok(!text.includes(canary), canary);
  });

  it('A27: leads only to a page of this site', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider));
    await registerWithProvider(system.visitor(), provider, 'Ada');
    for (const next of TRICKS) {
      const { location } = await signInWithProvider(system.visitor(), provider, 'acme', next);
      assert.equal(location, '/dashboard', next);
    }
    const newUser = system.visitor();
    provider.profile = { sub: 'ben-there' };
    await signInWithProvider(newUser, provider);
    const fields = { username: 'Ben', next: '//evil.example' };
    assert.equal((await newUser.submit('/register/connected', fields)).location, '/dashboard');
  });

  it('A28: uses the redirect URI under BASE_URL, whatever host the request names', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider));
    const visitor = system.visitor();
    const csrf = await visitor.token('/login');
    const forged = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
    const asked = redirectTarget(await visitor.post('/oauth/acme', { csrf }, forged));
    assert.equal(asked.searchParams.get('redirect_uri'), 'http://localhost:3000/oauth/acme/callback');
  });
});

describe('the start of a sign-in with an identity provider', () => {
  it('sends a signed-in user on without asking the provider again', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider));
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    const csrf = await ada.token('/dashboard');
    const answer = await ada.post('/oauth/acme', { csrf, next: '/account' });
    assert.deepEqual([answer.status, answer.location], [303, '/account']);
  });

  it('P53: is allowed 300 times from one network address and then answered with 429, in a message that screen readers read', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider));
    const visitor = system.visitorFrom('192.0.2.7');
    const csrf = await visitor.token('/login');
    const statuses = new Map<number, number>();
    for (let number = 0; number < 301; number += 1) {
      const { status, headers, body } = await visitor.post('/oauth/acme', { csrf });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status !== 429) continue;
      assert.match(String(headers.get('retry-after')), /^\d+$/);
      assert.match(body, /role="alert"/);
      assert.deepEqual(unreadMessages(body), []);
    }
    assert.deepEqual(
      [...statuses],
      [
        [200, 300],
        [429, 1],
      ],
    );
    assert.equal((await system.visitorFrom('192.0.2.8').get('/login')).status, 200);
  });
});
