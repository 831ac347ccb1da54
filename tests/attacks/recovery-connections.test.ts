import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  acme,
  connectProvider,
  identitiesIn,
  redirectTarget,
  signInWithProvider,
  startTwinProvider,
} from '../kit/federation.ts';
import { ADDRESS, mailsOf, RESET, requestResetPath, startWithAda } from '../kit/mailed-links.ts';
import { reachInside } from '../kit/system.ts';
import { ADA, isSignedIn, pathTo, signInAs } from '../kit/visitor.ts';

const PAGE = '/account/connections';
const NEW_PASSWORD = 'four grey herons on a pier';

/** The names of the boxes in a form, in their order. */
function boxesIn(body: string): readonly string[] {
  return [...body.matchAll(/<input id="(keep-[^"]+)"/g)].map(([, name = '']) => name);
}

function tickedIn(body: string): readonly string[] {
  return [...body.matchAll(/<input id="(keep-[^"]+)"[^>]* checked/g)].map(([, name = '']) => name);
}

onEveryDatabase('an identity provider that an attacker has connected', (engine) => {
  it('I18: is disconnected by a password reset, and the owner is notified', async () => {
    await using provider = await startTwinProvider();
    await using system = await startWithAda(engine, acme(provider, { email: 'required' }));
    const thief = system.visitor();
    await thief.signIn(ADA.username, ADA.password);
    provider.profile = { sub: 'the-thief' };
    assert.equal((await connectProvider(thief, provider)).location, PAGE);
    const owner = system.visitor();
    await owner.get(await requestResetPath(system));
    assert.deepEqual(tickedIn((await owner.get(RESET)).body), []);
    await owner.submit(RESET, { 'new-password': NEW_PASSWORD });
    assert.deepEqual(await identitiesIn(system), []);
    assert.equal(await isSignedIn(thief), false);
    assert.equal(pathTo(await signInWithProvider(thief, provider)), '/register/connected');
    const [notice] = await mailsOf(system, 'password-changed');
    assert.match(String(notice?.text), /Sign-in with Acme was disconnected/);
    assert.doesNotMatch(String(notice?.text), /still sign in/);
  });

  it('I18: stays connected at a password reset if the owner ticks it, also in a form that was refused before, and the owner is notified', async () => {
    await using provider = await startTwinProvider();
    await using system = await startWithAda(engine, acme(provider, { email: 'required' }));
    const ada = await signInAs(system.visitor());
    provider.profile = { sub: 'ada-there', email: 'ada@acme.example' };
    await connectProvider(ada, provider);
    system.clock.advance(3 * DAY);
    const owner = system.visitor();
    await owner.get(await requestResetPath(system));
    const { body } = await owner.get(RESET);
    assert.match(body, /Keep Acme \(ada@acme\.example\)[\s\S]*Added on .*, last used 3 days ago/);
    const [keep = ''] = boxesIn(body);
    const weak = await owner.submit(RESET, { 'new-password': 'short', [keep]: 'on' });
    assert.deepEqual(tickedIn(weak.body), [keep]);
    await owner.submit(RESET, { 'new-password': NEW_PASSWORD, [keep]: 'on' });
    assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/dashboard');
    const [notice] = await mailsOf(system, 'password-changed');
    assert.match(String(notice?.text), /You can still sign in with Acme/);
    assert.doesNotMatch(String(notice?.text), /was disconnected/);
  });

  it('I18: stays connected at a reset by JSON only if it proves the confirmed address, as the form proposes', async () => {
    await using provider = await startTwinProvider();
    const options = acme(provider, { email: 'required', oidcAcmeTrustEmail: 'on' });
    await using system = await startWithAda(engine, options);
    const ada = await signInAs(system.visitor());
    provider.profile = { sub: 'ada-there', email: ADDRESS, email_verified: true };
    await connectProvider(ada, provider);
    provider.profile = { sub: 'the-thief' };
    await connectProvider(ada, provider);
    const token = (await requestResetPath(system)).split('token=')[1];
    const answer = await system
      .visitor()
      .postJson('/api/reset-password', { token, newPassword: NEW_PASSWORD });
    assert.equal(answer.status, 200, answer.body);
    assert.equal((await identitiesIn(system)).length, 1);
    provider.profile = { sub: 'ada-there', email: ADDRESS, email_verified: true };
    assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/dashboard');
  });

  it('I18: is ticked in the form only if a trusted provider has verified the confirmed address of the account', async () => {
    await using provider = await startTwinProvider();
    const options = acme(provider, { email: 'required', oidcAcmeTrustEmail: 'on' });
    await using system = await startWithAda(engine, options);
    const ada = await signInAs(system.visitor());
    const profiles = [
      { sub: 'ada-there', email: 'Ada@Example.org', email_verified: true },
      { sub: 'unverified', email: ADDRESS, email_verified: false },
      { sub: 'the-thief', email: 'thief@example.net', email_verified: true },
      { sub: 'without-address' },
    ];
    for (const profile of profiles) {
      provider.profile = profile;
      await connectProvider(ada, provider);
    }
    const owner = system.visitor();
    await owner.get(await requestResetPath(system));
    const { body } = await owner.get(RESET);
    assert.equal(boxesIn(body).length, 4);
    const ticked = tickedIn(body);
    assert.equal(ticked.length, 1);
    const form = Object.fromEntries(ticked.map((name) => [name, 'on']));
    await owner.submit(RESET, { 'new-password': NEW_PASSWORD, ...form });
    const left = (await identitiesIn(system)).map(({ subject }) => subject);
    assert.deepEqual(left, ['ada-there']);
  });

  it('A11: is disconnected by a password reset even if it is connected at the same moment', async () => {
    await using provider = await startTwinProvider();
    await using system = await startWithAda(engine, acme(provider, { email: 'required' }));
    const thief = system.visitor();
    await thief.signIn(ADA.username, ADA.password);
    const owner = system.visitor();
    await owner.get(await requestResetPath(system));
    const csrf = await owner.token(RESET);
    const page = redirectTarget(await thief.submit('/account/connections', { connect: 'acme' }));
    const { pathname, search } = provider.signIn(page);

    const { core } = reachInside(system, 'the race must begin between two statements');
    const { notices, accounts } = core;
    const [reached, released, waiting] = [0, 1, 2].map(() => Promise.withResolvers<void>());
    assert.ok(reached && released && waiting);
    const { queue } = notices;
    const { lock } = accounts;
    Object.assign(notices, {
      // The connection is written but not committed.
      queue: async (...about: Parameters<typeof queue>) => {
        Object.assign(notices, { queue });
        reached.resolve();
        await released.promise;
        return queue(...about);
      },
    });
    const connecting = thief.get(pathname + search);
    await reached.promise;
    Object.assign(accounts, {
      lock: (...about: Parameters<typeof lock>) => {
        waiting.resolve();
        return lock(...about);
      },
    });
    const resetting = owner.post(RESET, { csrf, 'new-password': NEW_PASSWORD });
    // It waits for the row of the account; on SQLite for the only writer, before it gets that far.
    if (engine.name !== 'SQLite') await waiting.promise;
    released.resolve();
    await connecting;
    assert.equal((await resetting).location, '/login');
    assert.deepEqual(await identitiesIn(system), []);
    assert.equal(pathTo(await signInWithProvider(thief, provider)), '/register/connected');
  });
});
