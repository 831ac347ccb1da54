import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  acme,
  CALLBACK,
  CLIENT,
  combine,
  failuresOf,
  goToProvider,
  identitiesIn,
  registerWithProvider,
  returnFromProvider,
  signInWithProvider,
  startGithubTwin,
  startTwinProvider,
} from '../kit/federation.ts';
import { startOpenIdProvider } from '../kit/openid-provider.ts';
import { reachInside, startSystem } from '../kit/system.ts';
import { isSignedIn, pathTo } from '../kit/visitor.ts';

const SITE = 'http://localhost:3000';

async function start(more = {}) {
  const provider = await startOpenIdProvider(SITE + CALLBACK);
  const system = await startSystem(acme(provider, more));
  return combine(provider, system);
}

describe('sign-in with an OpenID provider', () => {
  it('asks for a username the first time, and lets the user in at once afterwards', async () => {
    await using started = await start();
    const { provider, system } = started;
    provider.claims = { preferred_username: 'ada.l', email: 'ada@example.org', email_verified: true };
    const ada = system.visitor();
    const first = await signInWithProvider(ada, provider, 'acme', '/account');
    assert.equal(first.status, 303);
    assert.match(String(first.location), /^\/register\/connected\?next=%2Faccount&flow=/);
    assert.equal(await isSignedIn(ada), false);
    const page = (await ada.get(String(first.location))).body;
    assert.match(page, /name="username"[^>]*value="ada\.l"/);
    assert.match(page, /You have signed in with Acme/);
    const made = await ada.submit(String(first.location), { username: 'Ada', email: '', next: '/account' });
    assert.deepEqual([made.status, made.location], [303, '/account']);
    assert.equal(await isSignedIn(ada), true);

    const later = system.visitor();
    const again = await signInWithProvider(later, provider, 'acme', '/account');
    assert.deepEqual([again.status, again.location], [303, '/account']);
    assert.equal(JSON.parse((await later.get('/api/session')).body).user.username, 'Ada');
    const [identity, ...more] = await identitiesIn(system);
    assert.equal(more.length, 0);
    assert.deepEqual(
      [identity?.issuer, identity?.subject, identity?.provider, identity?.handle],
      [provider.origin, 'ada-there', 'acme', 'ada@example.org'],
    );
  });

  it('sends only a request_uri through the browser when the provider supports pushed requests', async () => {
    await using started = await start();
    const { searchParams: asked } = await goToProvider(started.system.visitor());
    assert.deepEqual([...asked.keys()].sort(), ['client_id', 'request_uri']);
    assert.match(asked.get('request_uri') ?? '', /^urn:ietf:params:oauth:request_uri:/);
  });

  it('sends PKCE, state, nonce and the one redirect URI, and stores neither state nor nonce in clear', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider));
    const { searchParams: asked } = await goToProvider(system.visitor());
    assert.equal(asked.get('redirect_uri'), SITE + CALLBACK);
    assert.deepEqual([asked.get('code_challenge_method'), asked.get('response_type')], ['S256', 'code']);
    for (const name of ['code_challenge', 'state', 'nonce'])
      assert.match(asked.get(name) ?? '', /^[\w-]{43}$/, name);
    const { database } = reachInside(system, 'no page shows what is stored of a sign-in under way').core;
    const [row] = await database.queries.selectFrom('external_transactions').selectAll().execute();
    const kept = JSON.stringify(row, (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value).toString('base64url') : value,
    );
    assert.doesNotMatch(kept, new RegExp(`${asked.get('state')}|${asked.get('nonce')}`));
  });

  it('returns to the sign-in page when the user cancels at the provider', async () => {
    await using started = await start();
    const { provider, system } = started;
    provider.user = null;
    const ada = system.visitor();
    const answer = await signInWithProvider(ada, provider, 'acme', '/account');
    assert.deepEqual([answer.status, answer.location], [303, '/login?next=%2Faccount']);
    assert.match((await ada.get('/login')).body, /You have cancelled it on the other site/);
    assert.deepEqual(failuresOf(system), ['cancelled']);
  });

  it('is offered on the sign-in and registration pages only when a provider is set', async () => {
    await using started = await start();
    await using without = await startSystem();
    for (const path of ['/login', '/register']) {
      assert.match(
        (await started.system.visitor().get(path)).body,
        /action="\/oauth\/acme"[\s\S]*Continue with Acme/,
      );
      assert.doesNotMatch((await without.visitor().get(path)).body, /\/oauth\//);
    }
  });

  it('answers 404 for a provider that is not set', async () => {
    await using without = await startSystem();
    const visitor = without.visitor();
    assert.equal((await visitor.post('/oauth/acme', { csrf: await visitor.token('/login') })).status, 404);
  });
});

describe('sign-in with GitHub', () => {
  it('identifies a user by the number of the GitHub account, whatever its login is', async () => {
    await using github = await startGithubTwin();
    await using system = await startSystem({
      githubClientId: CLIENT.id,
      githubClientSecret: CLIENT.secret,
      githubUrl: github.origin,
    });
    const octocat = system.visitor();
    await signInWithProvider(octocat, github, 'github');
    const page = (await octocat.get('/register/connected')).body;
    assert.match(page, /value="octocat"/);
    assert.match(page, /octocat@example\.org[\s\S]*GitHub has shown that it is yours/);
    assert.equal((await octocat.submit('/register/connected', { username: 'Octo' })).location, '/dashboard');
    const { user } = JSON.parse((await octocat.get('/api/session')).body);
    assert.deepEqual([user.email, user.emailVerified], ['octocat@example.org', true]);

    github.user = { ...github.user, login: 'renamed' };
    github.emails = [{ email: 'other@example.org', primary: true, verified: true }];
    const again = system.visitor();
    assert.equal((await signInWithProvider(again, github, 'github')).location, '/dashboard');

    github.user = { ...github.user, id: 2, login: 'octocat' };
    const taker = system.visitor();
    const answer = await signInWithProvider(taker, github, 'github');
    assert.equal(pathTo(answer), '/register/connected', 'A22: a login taken over');
  });
});

describe('an email address that GitHub has not verified', () => {
  it('is not confirmed in the account that is made with it', async () => {
    await using github = await startGithubTwin();
    await using system = await startSystem({
      githubClientId: CLIENT.id,
      githubClientSecret: CLIENT.secret,
      githubUrl: github.origin,
      email: 'optional',
    });
    github.emails = [{ email: 'octocat@example.org', primary: true, verified: false }];
    const octocat = system.visitor();
    await signInWithProvider(octocat, github, 'github');
    const answer = await octocat.submit('/register/connected', {
      username: 'Octo',
      email: 'octocat@example.org',
    });
    assert.equal(answer.location, '/dashboard');
    const { user } = JSON.parse((await octocat.get('/api/session')).body);
    assert.deepEqual([user.email, user.emailVerified], ['octocat@example.org', false]);
  });
});

describe('a provider that answers by form post', () => {
  it('is accepted although the browser sends no cookie with the form', async () => {
    await using started = await start();
    const { provider, system } = started;
    const ada = system.visitor();
    const back = await provider.signIn(await goToProvider(ada));
    const body = back.searchParams.toString();
    const foreign = { 'content-type': 'application/x-www-form-urlencoded', origin: provider.origin };
    const answer = await system.fetch(
      new Request(SITE + CALLBACK, { method: 'POST', body, headers: foreign }),
    );
    assert.equal(answer.status, 303);
    const location = String(answer.headers.get('location'));
    assert.ok(location.startsWith(`${CALLBACK}?code=`));
    assert.equal(pathTo(await returnFromProvider(ada, new URL(location, SITE))), '/register/connected');
  });
});

describe('an account without a password', () => {
  it('refuses every sign-in by password', async () => {
    await using started = await start();
    await registerWithProvider(started.system.visitor(), started.provider, 'Ada');
    for (const password of ['', 'null', 'nine copper kettles sing'])
      assert.notEqual((await started.system.visitor().signIn('Ada', password)).status, 303, password);
  });
});
