import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SECOND } from '../../src/platform/runtime/clock.ts';
import { flowOf } from '../../src/platform/web/index.ts';
import { type Engine, onEveryDatabase } from '../kit/databases.ts';
import {
  acme,
  authorizationRequestsIn,
  CLIENT,
  connectProvider,
  failuresOf,
  goToProvider,
  identitiesIn,
  redirectTarget,
  registerWithProvider,
  returnFromProvider,
  signInWithProvider,
  startGithubTwin,
  startTwinProvider,
} from '../kit/federation.ts';
import { createTestStep, rowsIn } from '../kit/sign-in-steps.ts';
import { disableAccount, reachInside, startSystem } from '../kit/system.ts';
import {
  ADA,
  accountOf,
  BEN,
  copyOf,
  isSignedIn,
  newestFlow,
  pathTo,
  plantFlow,
  SESSION,
} from '../kit/visitor.ts';

async function start(engine: Engine) {
  const provider = await startTwinProvider();
  const step = createTestStep();
  const system = await startSystem(acme(provider), engine, { features: step.features });
  return {
    provider,
    system,
    step,
    [Symbol.asyncDispose]: async () => {
      await system[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

onEveryDatabase('A23: an authorization request to an identity provider', (engine) => {
  it('A66 can be completed only once; for half a minute, a repetition by its browser is redirected to the first outcome', async () => {
    await using started = await start(engine);
    const { provider, system } = started;
    await registerWithProvider(system.visitor(), provider, 'Ada');
    const ada = system.visitor();
    const back = provider.signIn(await goToProvider(ada));
    const replay = copyOf(system, ada);
    assert.equal((await returnFromProvider(ada, back)).location, '/dashboard');
    assert.equal(newestFlow(ada, 'provider'), undefined);
    assert.equal(
      (await returnFromProvider(ada, back)).location,
      '/dashboard',
      'it has the session that came of it',
    );
    assert.equal((await returnFromProvider(system.visitor(), back)).location, '/login');
    system.clock.advance(30 * SECOND);
    assert.equal(
      (await returnFromProvider(ada, back)).location,
      '/dashboard',
      'as with any callback of a user who is signed in',
    );
    assert.equal((await returnFromProvider(replay, back)).location, '/login');
    assert.equal(await isSignedIn(replay), false);
    assert.deepEqual(await authorizationRequestsIn(system), []);
  });

  it('can be completed only by the browser that began it', async () => {
    await using started = await start(engine);
    const { provider, system } = started;
    const eve = system.visitor();
    const back = provider.signIn(await goToProvider(eve));
    const victim = system.visitor();
    assert.equal((await returnFromProvider(victim, back)).location, '/login', 'a browser that began nothing');
    await goToProvider(victim);
    assert.equal((await returnFromProvider(victim, back)).location, '/login', 'one that began another');
    assert.deepEqual(failuresOf(system), ['other-browser', 'other-browser']);
    assert.equal(pathTo(await returnFromProvider(eve, back)), '/register/connected');
  });

  it('does not accept the authorization code of a sign-in in another browser', async () => {
    await using github = await startGithubTwin();
    await using system = await startSystem(
      { githubClientId: CLIENT.id, githubClientSecret: CLIENT.secret, githubUrl: github.origin },
      engine,
    );
    const code = String(
      github.signIn(await goToProvider(system.visitor(), 'github')).searchParams.get('code'),
    );
    const eve = system.visitor();
    const back = github.signIn(await goToProvider(eve, 'github'));
    back.searchParams.set('code', code);
    assert.equal((await returnFromProvider(eve, back)).location, '/login');
    assert.deepEqual(failuresOf(system), ['refused'], 'GitHub reports it with status 200');
  });

  it('A66 is not looked up for a cookie without a token, and no outcome is stored for that callback', async () => {
    await using started = await start(engine);
    const { provider, system } = started;
    const back = provider.signIn(await goToProvider(system.visitor()));
    const state = String(back.searchParams.get('state'));
    for (const junk of ['x', `x.${flowOf('x')}`, '.', 'x'.repeat(42)]) {
      const eve = system.visitor();
      plantFlow(eve, 'provider', state, junk);
      assert.equal((await returnFromProvider(eve, back)).location, '/login', junk);
    }
    assert.deepEqual(await rowsIn(system, 'repeatable_requests'), []);
  });

  it('is found only by its exact state', async () => {
    await using started = await start(engine);
    const { provider, system } = started;
    const ada = system.visitor();
    const back = provider.signIn(await goToProvider(ada));
    const state = String(back.searchParams.get('state'));
    for (const wrong of [null, '', state.slice(1), `${state}x`, state.toLowerCase(), 'x'.repeat(43)]) {
      const changed = new URL(back);
      if (wrong === null) changed.searchParams.delete('state');
      else changed.searchParams.set('state', wrong);
      assert.equal((await returnFromProvider(ada, changed)).location, '/login', String(wrong));
    }
    const twice = new URL(back);
    twice.searchParams.append('state', state);
    assert.equal((await returnFromProvider(ada, twice)).location, '/login');
    assert.equal(await isSignedIn(ada), false);
  });

  it('that connects an account does not sign the user in, and is valid only in the session that began it', async () => {
    await using started = await start(engine);
    const { provider, system } = started;
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    const back = provider.signIn(
      redirectTarget(await ada.submit('/account/connections', { connect: 'acme' })),
    );
    const elsewhere = copyOf(system, ada);
    elsewhere.cookies.delete(SESSION);
    assert.equal((await returnFromProvider(elsewhere, back)).location, '/login');
    assert.equal(await isSignedIn(elsewhere), false);
    const again = provider.signIn(
      redirectTarget(await ada.submit('/account/connections', { connect: 'acme' })),
    );
    await ada.signOut();
    assert.equal((await returnFromProvider(ada, again)).location, '/login');
    assert.deepEqual(await identitiesIn(system), []);
  });

  it('that connects an account does not connect another user who has signed in meanwhile', async () => {
    await using started = await start(engine);
    const { provider, system } = started;
    for (const user of [ADA, BEN]) await system.visitor().register(user.username, user.password);
    const browser = system.visitor();
    await browser.signIn(ADA.username, ADA.password);
    const back = provider.signIn(
      redirectTarget(await browser.submit('/account/connections', { connect: 'acme' })),
    );
    await browser.post('/login', { csrf: await browser.token('/dashboard'), ...BEN });
    await returnFromProvider(browser, back);
    assert.deepEqual(await identitiesIn(system), []);
  });
});

onEveryDatabase('the gate for users of an identity provider', (engine) => {
  it('A12: refuses a disabled account, and does not enable it again', async () => {
    await using started = await start(engine);
    const { provider, system } = started;
    await registerWithProvider(system.visitor(), provider, 'Ada');
    const { id } = await accountOf(system);
    await disableAccount(system, 'Ada');
    const ada = system.visitor();
    assert.equal((await signInWithProvider(ada, provider)).location, '/login');
    assert.match((await ada.get('/login')).body, /You cannot sign in here with that/);
    assert.equal(await isSignedIn(ada), false);
    const { accounts } = reachInside(system, 'no page shows whether an account is disabled').core;
    assert.notEqual((await accounts.read(id))?.disabledAt, null);
  });

  it('A37: enforces every required step', async () => {
    await using started = await start(engine);
    const { provider, system, step } = started;
    await registerWithProvider(system.visitor(), provider, 'Ada');
    step.blocked.add((await accountOf(system)).id);
    const ada = system.visitor();
    assert.equal((await signInWithProvider(ada, provider, 'acme', '/account')).location, step.path);
    assert.equal(await isSignedIn(ada), false);
    assert.equal((await ada.submit(step.path, {})).location, '/account');
    assert.equal(await isSignedIn(ada), true);
  });

  it('A37: rejects a proof by a provider that was disconnected while a step was pending', async () => {
    await using started = await start(engine);
    const { provider, system, step } = started;
    const owner = system.visitor();
    await owner.register(ADA.username, ADA.password);
    await owner.signIn(ADA.username, ADA.password);
    await connectProvider(owner, provider);
    const { id } = await accountOf(system);
    step.blocked.add(id);
    const waiting = system.visitor();
    assert.equal((await signInWithProvider(waiting, provider)).location, step.path);
    const csrf = await waiting.token(step.path);
    const [, disconnect = ''] =
      /name="disconnect" value="([^"]+)"/.exec((await owner.get('/account/connections')).body) ?? [];
    await owner.submit('/account/connections', { disconnect });
    assert.deepEqual(await identitiesIn(system), []);
    assert.equal((await waiting.post(step.path, { csrf })).location, '/login');
    assert.equal(await isSignedIn(waiting), false);
  });

  it('A29: is not reached by a cross-site form', async () => {
    await using started = await start(engine);
    const { system } = started;
    const visitor = system.visitor();
    await visitor.token('/login');
    assert.equal((await visitor.post('/oauth/acme', { csrf: 'forged' })).status, 403);
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    const csrf = await visitor.token('/login');
    assert.equal((await visitor.post('/oauth/acme', { csrf }, foreign)).status, 403);
    assert.equal((await visitor.get('/oauth/acme')).status, 405);
    assert.deepEqual(await authorizationRequestsIn(system), []);
  });
});
