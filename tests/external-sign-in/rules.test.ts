import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Hono } from 'hono';
import { createLatchkey } from '../../src/index.ts';
import {
  AUTOMATIC_ACCOUNTS,
  acme,
  CLIENT,
  connectProvider,
  failuresOf,
  identitiesIn,
  registerWithProvider,
  rolesOf,
  signInWithProvider,
  startGithubTwin,
  startTwinProvider,
} from '../kit/federation.ts';
import { ADDRESS } from '../kit/mailed-links.ts';
import {
  disableAccount,
  existingAccountId,
  SECRET_KEY,
  startSystem,
  usernamesIn,
  usersOf,
} from '../kit/system.ts';
import { ADA, createVisitor, isSignedIn, pathTo } from '../kit/visitor.ts';

describe('roles from a provider', () => {
  it('are mapped by the settings from its groups and roles, for the session that it began', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(
      acme(provider, { oidcAcmeRoles: 'staff=editor, staff=reader, admins=admin, a b=odd' }),
    );
    provider.profile = { sub: 'ada-there', groups: ['staff', 'others', 'a b'], roles: ['admins'] };
    const ada = system.visitor();
    await registerWithProvider(ada, provider, 'Ada');
    assert.deepEqual(await rolesOf(ada), ['editor', 'reader', 'odd', 'admin']);
    for (const groups of [undefined, 'staff others', ['Staff'], [['staff']], ['editor']]) {
      provider.profile = { sub: 'ada-there', groups };
      const again = system.visitor();
      await signInWithProvider(again, provider);
      assert.deepEqual(await rolesOf(again), [], JSON.stringify(groups));
    }
    assert.deepEqual(await rolesOf(ada), ['editor', 'reader', 'odd', 'admin'], 'of its own session alone');
    system.clock.advance(11 * 60_000);
    assert.equal((await ada.get('/dashboard')).status, 200);
    assert.deepEqual((await rolesOf(ada)).length, 4, 'also when its token was replaced');
  });

  it('are absent from a session that began otherwise, and end when the provider is disconnected', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider, { oidcAcmeRoles: 'staff=editor' }));
    provider.profile = { sub: 'ada-there', groups: ['staff'] };
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    await connectProvider(ada, provider);
    assert.deepEqual(await rolesOf(ada), []);
    const other = system.visitor();
    await signInWithProvider(other, provider);
    assert.deepEqual(await rolesOf(other), ['editor']);
    const { body } = await other.get('/account/connections');
    const id = /name="disconnect" value="([^"]+)"/.exec(body)?.[1] ?? '';
    await other.submit('/account/connections', { disconnect: id });
    assert.deepEqual(await rolesOf(other), []);
  });

  it('are joined with those of the account, as far as the application defines them', async () => {
    await using provider = await startTwinProvider();
    const mapped = { oidcAcmeRoles: 'staff=editor, admins=owner' };
    await using system = await startSystem(acme(provider, { ...mapped, roles: 'admin,editor,reader' }));
    provider.profile = { sub: 'ada-there', groups: ['staff', 'admins'] };
    const ada = system.visitor();
    await registerWithProvider(ada, provider, 'Ada');
    assert.deepEqual(await rolesOf(ada), ['editor'], 'owner is not defined');
    const id = await existingAccountId(system, 'Ada');
    await usersOf(system).update(id, { roles: ['reader', 'editor'], by: 'a test' });
    assert.deepEqual(await rolesOf(ada), ['editor', 'reader']);
    await usersOf(system).update(id, { roles: ['admin'], by: 'a test' });
    assert.deepEqual(await rolesOf(ada), ['admin', 'editor'], 'the provider still asserts it');
    provider.profile = { sub: 'ada-there' };
    const again = system.visitor();
    await signInWithProvider(again, provider);
    assert.deepEqual(await rolesOf(again), ['admin']);
    assert.deepEqual((await usersOf(system).get(id))?.roles, ['admin']);
  });

  it('are mapped at GitHub from its organisations', async () => {
    await using github = await startGithubTwin();
    await using system = await startSystem({
      githubClientId: CLIENT.id,
      githubClientSecret: CLIENT.secret,
      githubUrl: github.origin,
      githubRoles: 'Harbour=pilot',
    });
    github.organisations = ['harbour', 'others'];
    const ada = system.visitor();
    await signInWithProvider(ada, github, 'github');
    await ada.submit('/register/connected', { username: 'Ada', email: '' });
    assert.deepEqual(await rolesOf(ada), ['pilot']);
  });

  it('guard the routes of an application', async () => {
    await using provider = await startTwinProvider();
    const options = acme(provider, { oidcAcmeRoles: 'staff=editor' });
    const latchkey = createLatchkey({ secretKey: SECRET_KEY, databaseUrl: 'sqlite::memory:', ...options });
    const application = new Hono()
      .get('/desk', latchkey.roleRequired('editor'), (context) =>
        context.text(`${context.get('user').username} ${context.get('session').roles.join()}`),
      )
      .all('*', ({ req }) => latchkey.fetch(req.raw));
    const fetch = async (request: Request) => application.fetch(request);
    const [ada, ben, visitor] = [1, 2, 3].map(() => createVisitor(fetch, 'http://localhost:3000'));
    assert.ok(ada && ben && visitor);
    provider.profile = { sub: 'ada-there', groups: ['staff'] };
    await registerWithProvider(ada, provider, 'Ada');
    provider.profile = { sub: 'ben-there' };
    await registerWithProvider(ben, provider, 'Ben');
    assert.equal((await ada.get('/desk')).body, 'Ada editor');
    assert.equal((await ben.get('/desk')).status, 403);
    assert.equal((await visitor.get('/desk')).location, '/login?next=%2Fdesk');
    await latchkey.close();
  });
});

describe('an automatically created account', () => {
  it('takes its username from the profile and its address from a provider trusted to verify it', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(
      acme(provider, { ...AUTOMATIC_ACCOUNTS, email: 'optional', oidcAcmeTrustEmail: 'on' }),
    );
    provider.profile = {
      sub: 'ada-there',
      preferred_username: 'ada.l',
      email: ADDRESS,
      email_verified: true,
    };
    const ada = system.visitor();
    assert.equal((await signInWithProvider(ada, provider, 'acme', '/account')).location, '/account');
    const { user } = JSON.parse((await ada.get('/api/session')).body);
    assert.deepEqual([user.username, user.email, user.emailVerified], ['ada.l', ADDRESS, true]);
    assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/dashboard');
    assert.deepEqual(await usernamesIn(system), ['ada.l']);
    const reported = system.events.map(({ type }) => type);
    for (const type of ['registered', 'identity-linked', 'signed-in'] as const)
      assert.ok(reported.includes(type), type);
  });

  it('gets another username when the proposed one is taken, reserved or invalid', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider, { ...AUTOMATIC_ACCOUNTS, registration: 'open' }));
    await system.visitor().register('Ada', ADA.password);
    const profiles = [
      { sub: 'one', preferred_username: 'ada' },
      { sub: 'two', preferred_username: 'admin', email: 'carl@example.org' },
      { sub: 'three', preferred_username: 'x', email: 'dora@example.org' },
    ];
    for (const profile of profiles) {
      provider.profile = profile;
      assert.equal(
        (await signInWithProvider(system.visitor(), provider)).location,
        '/dashboard',
        profile.sub,
      );
    }
    const names = (await usernamesIn(system)).toSorted();
    assert.equal(names.length, 4);
    assert.ok(
      names.some((name) => /^ada\d\d+$/.test(name)),
      names.join(),
    );
    assert.ok(names.includes('dora'), names.join());
    assert.ok(!names.includes('admin'));
  });

  it('A18: is not created, and no session begins, when an account here has the verified address: a message explains it', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(
      acme(provider, {
        ...AUTOMATIC_ACCOUNTS,
        email: 'optional',
        oidcAcmeTrustEmail: 'on',
        registration: 'open',
      }),
    );
    await system.visitor().register(ADA.username, ADA.password, ADDRESS);
    provider.profile = { sub: 'ada-there', preferred_username: 'ada', email: ADDRESS, email_verified: true };
    const ada = system.visitor();
    assert.equal(pathTo(await signInWithProvider(ada, provider)), '/register/connected');
    assert.match((await ada.get('/register/connected')).body, /There is an account here with the address/);
    assert.deepEqual(await identitiesIn(system), []);
    assert.equal(await isSignedIn(ada), false);
  });

  it('needs an address first when addresses must be confirmed, even while registration is closed', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider, { ...AUTOMATIC_ACCOUNTS, email: 'required' }));
    provider.profile = { sub: 'ada-there', preferred_username: 'ada', email: ADDRESS, email_verified: true };
    const ada = system.visitor();
    assert.equal(
      pathTo(await signInWithProvider(ada, provider)),
      '/register/connected',
      'it is not trusted for it',
    );
    const answer = await ada.submit('/register/connected', { username: 'ada', email: ADDRESS });
    assert.equal(answer.location, '/login/confirm-address');
  });

  it('A12: cannot be signed in to once it is disabled, and is not created a second time', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider, AUTOMATIC_ACCOUNTS));
    provider.profile = { sub: 'ada-there', preferred_username: 'ada' };
    const ada = system.visitor();
    await signInWithProvider(ada, provider);
    await disableAccount(system, 'ada');
    assert.equal((await signInWithProvider(ada, provider)).location, '/login');
    assert.equal(await isSignedIn(ada), false);
    assert.equal((await usernamesIn(system)).length, 1);
  });
});

describe('a provider that creates no accounts', () => {
  it('lets in only users who have connected it', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider, { oidcAcmeNewAccounts: 'none' }));
    assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/login');
    assert.deepEqual(failuresOf(system), ['unknown']);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    await connectProvider(ada, provider);
    assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/dashboard');
  });
});
