import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { createLatchkey, type Provider, SettingsError } from '../../src/index.ts';
import { MINUTE } from '../../src/platform/runtime/clock.ts';
import {
  CLIENT,
  connectProvider,
  identitiesIn,
  redirectTarget,
  returnFromProvider,
  signInWithProvider,
  startGithubTwin,
} from '../kit/federation.ts';
import { SECRET_KEY, startSystem } from '../kit/system.ts';
import { temporaryFolder } from '../kit/temporary.ts';
import { createVisitor, pathTo, registerAndSignIn } from '../kit/visitor.ts';

/** A site that speaks plain OAuth 2, as an application would describe it. */
function forge(origin: string): Provider {
  return {
    name: 'forge',
    label: 'The Forge',
    client: CLIENT,
    scopes: ['read:user'],
    protocol: {
      kind: 'oauth',
      issuer: new URL(origin),
      authorizationEndpoint: new URL('/login/oauth/authorize', origin),
      tokenEndpoint: new URL('/login/oauth/access_token', origin),
      readClaims: async (ask) => {
        const user = z.object({ id: z.number(), login: z.string() });
        const { id, login } = user.parse(await ask(new URL('/api/v3/user', origin)));
        return { sub: String(id), preferred_username: login };
      },
    },
    isAddressTrusted: () => false,
  };
}

describe('a provider that an application defines', () => {
  it('is one object, and users can sign in with it', async () => {
    await using twin = await startGithubTwin();
    using folder = temporaryFolder();
    const latchkey = createLatchkey({
      databaseUrl: `sqlite:${join(folder.path, 'latchkey.db')}`,
      secretKey: SECRET_KEY,
      logLevel: 'silent',
      providers: [forge(twin.origin)],
    });
    try {
      const visitor = createVisitor(latchkey.fetch, 'http://localhost:3000');
      assert.match((await visitor.get('/login')).body, /Continue with The Forge/);
      assert.equal(pathTo(await signInWithProvider(visitor, twin, 'forge')), '/register/connected');
      assert.equal(
        (await visitor.submit('/register/connected', { username: 'Octo' })).location,
        '/dashboard',
      );
    } finally {
      await latchkey.close();
    }
  });

  it('is distinguished from every other provider by its issuer', async () => {
    await using twin = await startGithubTwin();
    const options = { githubClientId: CLIENT.id, githubClientSecret: CLIENT.secret, githubUrl: twin.origin };
    await using system = await startSystem(options, undefined, {
      identityProviders: { providers: [forge(twin.origin)] },
    });
    const octocat = system.visitor();
    await signInWithProvider(octocat, twin, 'github');
    await octocat.submit('/register/connected', { username: 'Octo' });
    assert.equal(pathTo(await signInWithProvider(system.visitor(), twin, 'forge')), '/register/connected');
    assert.equal((await identitiesIn(system)).length, 1);
  });

  it('A65 admits no user when its rule answers with anything but true, such as a promise', async () => {
    await using twin = await startGithubTwin();
    // A value that an application in plain JavaScript may return.
    const answers: readonly unknown[] = [
      Promise.resolve(true),
      Promise.resolve(false),
      'no',
      1,
      {},
      undefined,
      null,
    ];
    for (const answer of answers) {
      const isAdmitted = (): boolean => JSON.parse('null') ?? answer;
      const providers = [{ ...forge(twin.origin), isAdmitted }];
      await using system = await startSystem({}, undefined, { identityProviders: { providers } });
      assert.equal(
        (await signInWithProvider(system.visitor(), twin, 'forge')).location,
        '/login',
        String(answer),
      );
    }
  });

  it('A70 I03a: gives no fresh authentication if it cannot authenticate its user again', async () => {
    await using twin = await startGithubTwin();
    await using system = await startSystem({}, undefined, {
      identityProviders: {
        providers: [
          forge(twin.origin),
          { ...forge(twin.origin), name: 'claims-to', canReauthenticate: true },
        ],
      },
    });
    const octocat = await registerAndSignIn(system.visitor());
    await connectProvider(octocat, twin, 'forge');
    system.clock.advance(10 * MINUTE);
    const confirm = String((await octocat.get('/account/delete')).location);
    const fields = { csrf: await octocat.token(confirm), next: '/account/delete' };
    assert.equal((await octocat.post('/account/confirm/forge', fields)).status, 404);
    // A provider that claims it can, but whose protocol has no way to report it, is refused when it responds.
    const there = redirectTarget(await octocat.post('/account/confirm/claims-to', fields));
    assert.equal((await returnFromProvider(octocat, twin.signIn(there))).location, confirm);
    assert.equal((await octocat.get('/account/delete')).status, 303);
  });

  it('A70 is not used for fresh authentication if it wrongly claims that it can authenticate its user again, so its user gets another method', async () => {
    await using twin = await startGithubTwin();
    await using system = await startSystem({ email: 'optional' }, undefined, {
      identityProviders: { providers: [{ ...forge(twin.origin), canReauthenticate: true }] },
    });
    const octocat = system.visitor();
    await signInWithProvider(octocat, twin, 'forge');
    await octocat.submit('/register/connected', { username: 'Octo', email: '' });
    assert.equal((await octocat.get('/account/delete')).status, 200, 'nothing can be asked for');
    system.clock.advance(10 * MINUTE);
    const page = await octocat.get('/account/confirm?next=/account/delete');
    assert.doesNotMatch(page.body, /Continue with/);
    assert.match(page.body, /Sign out and in again/);
    await octocat.signOut();
    assert.equal(
      (await signInWithProvider(octocat, twin, 'forge', '/account/delete')).location,
      '/account/delete',
    );
    assert.equal((await octocat.get('/account/delete')).status, 200);
  });

  it('must have a unique name that is valid in a URL path', () => {
    const wrong = (name: string) => ({ ...forge('https://forge.example.org'), name });
    for (const names of [['For ge'], ['../x'], [''], ['x'.repeat(33)], ['forge', 'forge'], ['github']]) {
      assert.throws(
        () =>
          createLatchkey({
            databaseUrl: 'sqlite::memory:',
            secretKey: SECRET_KEY,
            logLevel: 'silent',
            githubClientId: 'client',
            githubClientSecret: 'secret',
            providers: names.map(wrong),
          }),
        SettingsError,
        names.join(),
      );
    }
  });
});
