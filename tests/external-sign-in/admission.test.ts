import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { claimsSchema } from '../../src/features/external-sign-in/providers/claims.ts';
import { settingsFromOptions } from '../../src/read-settings.ts';
import {
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
import { SECRET_KEY, startSystem } from '../kit/system.ts';
import { ADA, pathTo } from '../kit/visitor.ts';

describe('admission of users by their provider', () => {
  it('is limited to members of an allowed group, and checked at each sign-in', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider, { oidcAcmeAllowedGroups: 'staff, Guests' }));
    for (const groups of [
      undefined,
      [],
      ['Staff'],
      'staff, guests',
      [['staff']],
      { staff: true },
      ['others'],
    ]) {
      provider.profile = { sub: 'ada-there', email: 'ada@example.org', groups };
      const visitor = system.visitor();
      assert.equal((await signInWithProvider(visitor, provider)).location, '/login', JSON.stringify(groups));
      assert.match((await visitor.get('/login')).body, /You cannot sign in here with that/);
    }
    assert.deepEqual(new Set(failuresOf(system)), new Set(['not-admitted']));
    provider.profile = { sub: 'ada-there', groups: ['others', 'staff'] };
    assert.equal((await registerWithProvider(system.visitor(), provider, 'Ada')).location, '/dashboard');
    provider.profile = { sub: 'ada-there', groups: ['others'] };
    assert.equal(
      (await signInWithProvider(system.visitor(), provider)).location,
      '/login',
      'who has left the group',
    );
  });

  it('P34 reads a single group as a list of one, and the groups beside values of other types', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(
      acme(provider, { oidcAcmeAllowedGroups: 'staff', oidcAcmeRoles: 'staff=editor' }),
    );
    for (const [number, groups] of ['staff', ['staff', null], ['staff', 7], [{}, 'staff']].entries()) {
      provider.profile = { sub: `person-${number}`, groups };
      const visitor = system.visitor();
      const answer = await registerWithProvider(visitor, provider, `Person${number}`);
      assert.equal(answer.location, '/dashboard', JSON.stringify(groups));
      assert.deepEqual(await rolesOf(visitor), ['editor'], JSON.stringify(groups));
    }
  });

  it('P32 needs no address from GitHub: a refused or malformed list of addresses fails no sign-in', async () => {
    await using github = await startGithubTwin();
    await using system = await startSystem({
      githubClientId: CLIENT.id,
      githubClientSecret: CLIENT.secret,
      githubUrl: github.origin,
    });
    github.forbidden = ['emails'];
    assert.equal(pathTo(await signInWithProvider(system.visitor(), github, 'github')), '/register/connected');
    github.forbidden = [];
    github.emails = [
      { email: 'a@example.org', verified: true },
      { email: 'b@example.org', primary: true, verified: true },
      7,
    ];
    const visitor = system.visitor();
    await signInWithProvider(visitor, github, 'github');
    assert.match((await visitor.get('/register/connected')).body, /b@example\.org/);
    github.emails = 'none';
    assert.equal(pathTo(await signInWithProvider(system.visitor(), github, 'github')), '/register/connected');
  });

  it('uses the groups of the UserInfo response when the ID token has none', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider, { oidcAcmeAllowedGroups: 'staff' }));
    provider.profile = { sub: 'ada-there', email: 'ada@example.org' };
    provider.faults = { userInfo: { groups: ['staff'] } };
    assert.equal(pathTo(await signInWithProvider(system.visitor(), provider)), '/register/connected');
  });

  it('is also checked when a user connects the provider to an account', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider, { oidcAcmeAllowedGroups: 'staff' }));
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    assert.equal((await connectProvider(ada, provider)).location, '/account/connections');
    assert.deepEqual(await identitiesIn(system), []);
  });

  it('is limited at GitHub to members of an allowed organisation', async () => {
    await using github = await startGithubTwin();
    await using system = await startSystem({
      githubClientId: CLIENT.id,
      githubClientSecret: CLIENT.secret,
      githubUrl: github.origin,
      githubAllowedOrganisations: 'Harbour',
    });
    github.organisations = ['harbour-fans'];
    assert.equal((await signInWithProvider(system.visitor(), github, 'github')).location, '/login');
    github.organisations = ['others', 'harbour'];
    assert.equal(pathTo(await signInWithProvider(system.visitor(), github, 'github')), '/register/connected');
  });

  it('is decided at Google by the hd claim, whatever the address is', () => {
    const [google] = settingsFromOptions({
      secretKey: SECRET_KEY,
      googleClientId: 'client',
      googleClientSecret: 'secret',
      googleAllowedDomains: 'corp.example',
    }).providers;
    const isAdmitted = (more: object) => google?.isAdmitted?.(claimsSchema.parse({ sub: 'x', ...more }));
    assert.equal(isAdmitted({ hd: 'corp.example' }), true);
    assert.equal(isAdmitted({ email: 'ada@corp.example', email_verified: true }), false);
    assert.equal(isAdmitted({ hd: 'evil.example', email: 'ada@corp.example' }), false);
    for (const hd of ['evilcorp.example', 'branch.corp.example', 'corp.example.evil.example', ''])
      assert.equal(isAdmitted({ hd }), false, hd);
  });
});
