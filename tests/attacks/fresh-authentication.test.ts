import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { paths } from '../../src/auth/paths.ts';
import { HOUR, MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';
import { WITH_TOKENS } from '../kit/api-tokens.ts';
import type { Engine } from '../kit/databases.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  acme,
  CLIENT,
  connectProvider,
  type GithubTwin,
  registerWithProvider,
  signInWithProvider,
  startGithubTwin,
  startTwinProvider,
  type TwinProvider,
} from '../kit/federation.ts';
import {
  ADDRESS,
  CONFIRM,
  confirmPath,
  mailsOf,
  newestConfirmation,
  newestLink,
  openAndConfirm,
  openAndConfirmLink,
  registerAda,
  requestAddressChange,
  requestLink,
  SENT,
} from '../kit/mailed-links.ts';
import { composedFeatures, startSystem, type TestOptions, type TestSystem } from '../kit/system.ts';
import { ADA, type Answer, changePassword, NEW_PASSWORD, signInAs, type Visitor } from '../kit/visitor.ts';

/** A system, an OpenID provider that authenticates users again on request, and GitHub, which does not. */
async function startScene(engine: Engine, more: TestOptions = {}) {
  await using stack = new AsyncDisposableStack();
  const provider = stack.use(await startTwinProvider());
  const github = stack.use(await startGithubTwin());
  const ofGithub = { githubClientId: CLIENT.id, githubClientSecret: CLIENT.secret, githubUrl: github.origin };
  const options = { email: 'optional', magicLink: 'on', ...WITH_TOKENS, ...ofGithub, ...more } as const;
  const system = stack.use(await startSystem(acme(provider, options), engine));
  const kept = stack.move();
  return { system, provider, github, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

type Scene = {
  readonly system: TestSystem;
  readonly provider: TwinProvider;
  readonly github: GithubTwin;
};

/** Ada, with a password, a confirmed address, and both providers connected. */
async function withPassword({ system, provider, github }: Scene): Promise<void> {
  const ada = await registerAda(system);
  await openAndConfirm(ada, (await newestConfirmation(system)).path);
  await signInAs(ada);
  await connectProvider(ada, provider);
  await connectProvider(ada, github, 'github');
}

const withProviderAlone = ({ system, provider }: Scene) =>
  registerWithProvider(system.visitor(), provider, 'Ada');

async function withGithubAlone({ system, github }: Scene): Promise<void> {
  const visitor = system.visitor();
  await signInWithProvider(visitor, github, 'github');
  assert.equal((await visitor.submit('/register/connected', { username: 'Ada' })).location, '/dashboard');
}

async function withGithubAndNoAddress(scene: Scene): Promise<void> {
  scene.github.emails = [];
  await withGithubAlone(scene);
}

/** The authentication time that the provider reports, relative to the clock of the system. */
function authenticated({ system, provider }: Scene, ago: number | null): void {
  const time = ago === null ? undefined : Math.floor((system.clock.read() - ago) / SECOND);
  provider.faults = { claims: ({ auth_time: _, ...rest }) => ({ ...rest, auth_time: time }) };
}

async function byProvider(scene: Scene, ago: number | null): Promise<Visitor> {
  authenticated(scene, ago);
  const visitor = scene.system.visitor();
  assert.equal((await signInWithProvider(visitor, scene.provider)).location, '/dashboard');
  return visitor;
}

async function byGithub({ system, github }: Scene): Promise<Visitor> {
  const visitor = system.visitor();
  assert.equal((await signInWithProvider(visitor, github, 'github')).location, '/dashboard');
  return visitor;
}

async function byMail({ system }: Scene, address = ADDRESS): Promise<Visitor> {
  const visitor = system.visitor();
  await requestLink(system, visitor, 'Ada');
  const { code } = await newestLink(system, address);
  assert.equal((await visitor.submit(SENT, { code })).location, '/dashboard');
  return visitor;
}

type Row = {
  readonly way: string;
  readonly account: (scene: Scene) => Promise<unknown>;
  readonly enter: (scene: Scene) => Promise<Visitor>;
  /** The response to a sensitive request. */
  readonly sensitive: 'fresh' | 'asked';
  /** The response to a new password without the current one. */
  readonly newPassword: 'set' | 'current asked' | 'asked';
};

const octocat = 'octocat@example.org';

/** Every sign-in method, by the credentials of the account. */
const WAYS: readonly Row[] = [
  {
    way: 'a password',
    account: withPassword,
    enter: ({ system }) => signInAs(system.visitor()),
    sensitive: 'fresh',
    newPassword: 'set',
  },
  {
    way: 'a mail, where the account has a password',
    account: withPassword,
    enter: byMail,
    sensitive: 'asked',
    newPassword: 'current asked',
  },
  {
    way: 'a provider that authenticated its user just now, where the account has a password',
    account: withPassword,
    enter: (scene) => byProvider(scene, 0),
    sensitive: 'fresh',
    newPassword: 'current asked',
  },
  {
    way: 'silent single sign-on, where the account has a password',
    account: withPassword,
    enter: (scene) => byProvider(scene, 10 * HOUR),
    sensitive: 'asked',
    newPassword: 'current asked',
  },
  {
    way: 'a provider that does not say when it authenticated its user',
    account: withPassword,
    enter: (scene) => byProvider(scene, null),
    sensitive: 'asked',
    newPassword: 'current asked',
  },
  {
    way: 'OAuth 2.0, where the account has a password',
    account: withPassword,
    enter: byGithub,
    sensitive: 'asked',
    newPassword: 'current asked',
  },
  {
    way: 'silent single sign-on, where the account has nothing else',
    account: withProviderAlone,
    enter: (scene) => byProvider(scene, 10 * HOUR),
    sensitive: 'asked',
    newPassword: 'asked',
  },
  {
    way: 'a provider that authenticated its user just now, where the account has nothing else',
    account: withProviderAlone,
    enter: (scene) => byProvider(scene, 0),
    sensitive: 'fresh',
    newPassword: 'set',
  },
  {
    way: 'OAuth 2.0, where the account has a confirmed address and no password',
    account: withGithubAlone,
    enter: byGithub,
    sensitive: 'asked',
    newPassword: 'asked',
  },
  {
    way: 'a mail, where the account has no password',
    account: withGithubAlone,
    enter: (scene) => byMail(scene, octocat),
    sensitive: 'fresh',
    newPassword: 'set',
  },
  {
    way: 'OAuth 2.0, where the account has nothing else that could be asked for',
    account: withGithubAndNoAddress,
    enter: byGithub,
    sensitive: 'fresh',
    newPassword: 'set',
  },
];

/** The routes that require fresh authentication; a new password has a rule of its own. */
const DELETION = '/account/delete';

const SENSITIVE = [
  'GET /account/authenticator',
  'GET /account/connections',
  'GET /account/delete',
  'GET /account/email',
  'GET /account/export',
  'GET /account/passkeys',
  'GET /account/recovery-codes',
  'GET /account/recovery-codes/download',
  'GET /account/tokens/new',
  'GET /account/without-password',
  'GET /device/confirm',
  'POST /account/authenticator',
  'POST /account/connections',
  'POST /account/delete',
  'POST /account/email',
  'POST /account/passkeys',
  'POST /account/recovery-codes',
  'POST /account/tokens/new',
  'POST /account/without-password',
  'POST /api/account/authenticator',
  'POST /api/account/connections',
  'POST /api/account/delete',
  'POST /api/account/email',
  'POST /api/account/passkeys',
  'POST /api/account/recovery-codes',
  'POST /api/account/tokens/new',
  'POST /api/account/without-password',
  'POST /api/device/confirm',
  'POST /device/confirm',
];

/** Without those that would delete the account where they are accepted. */
const HARMLESS = SENSITIVE.filter((route) => !route.startsWith('POST') || !route.endsWith(DELETION));

function isAsked({ status, location, body }: Answer): boolean {
  if (status === 401) return body.includes('fresh-authentication-required');
  return status === 303 && String(location).startsWith(paths.confirm);
}

/** Those of the sensitive requests that were redirected to the page for authentication, without any effect. */
async function askedAt(visitor: Visitor): Promise<readonly string[]> {
  const asked: string[] = [];
  for (const route of HARMLESS) {
    const [method = '', path = ''] = route.split(' ');
    // The request names nothing that exists, so that it changes nothing if it is accepted.
    const send = () => {
      if (method === 'GET') return visitor.get(path);
      return path.startsWith('/api/') ? visitor.postJson(path, {}) : post(visitor, path);
    };
    if (isAsked(await send())) asked.push(route);
  }
  return asked;
}

async function post(visitor: Visitor, path: string): Promise<Answer> {
  return visitor.post(path, { csrf: await visitor.token('/dashboard') });
}

async function newPassword(visitor: Visitor): Promise<Row['newPassword']> {
  const csrf = await visitor.token('/dashboard');
  const answer = await visitor.post(paths.password, { csrf, 'new-password': NEW_PASSWORD });
  if (isAsked(answer)) return 'asked';
  if (answer.location === paths.account) return 'set';
  assert.equal(answer.status, 422);
  assert.match(answer.body, /name="current-password"/);
  return 'current asked';
}

describe('a route that makes a sensitive change to an account', () => {
  it('A70 V7.5.1 is in the table of sensitive changes', () => {
    const routes = composedFeatures().flatMap((feature) => feature.routes);
    const fresh = routes
      .filter(({ access }) => access === 'fresh')
      .map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(fresh.toSorted(), SENSITIVE);
  });
});

onEveryDatabase('fresh authentication', (engine) => {
  for (const { way, account, enter, sensitive, newPassword: expected } of WAYS)
    it(`A70 I03 V6.2.3 V7.5.1 after ${way}: sensitive changes are ${sensitive}, a new password is ${expected}`, async () => {
      await using scene = await startScene(engine);
      await account(scene);
      scene.system.clock.advance(HOUR);
      const visitor = await enter(scene);
      assert.deepEqual(await askedAt(visitor), sensitive === 'asked' ? HARMLESS : []);
      if (sensitive === 'asked') {
        assert.ok(isAsked(await post(visitor, DELETION)));
        assert.ok(isAsked(await visitor.postJson(`/api${DELETION}`, {})));
      }
      assert.equal(await newPassword(visitor), expected);
      scene.system.clock.advance(10 * MINUTE);
      assert.equal((await askedAt(visitor)).length, HARMLESS.length, 'ten minutes later nothing is fresh');
    });

  it('A70 I03 by silent single sign-on or a mail does not permit replacing a password without the current one', async () => {
    await using scene = await startScene(engine);
    await withPassword(scene);
    for (const visitor of [
      await byProvider(scene, 10 * HOUR),
      await byProvider(scene, 0),
      await byMail(scene),
    ]) {
      assert.equal((await changePassword(visitor)).status, 422);
      assert.equal((await changePassword(visitor, NEW_PASSWORD, 'not the password at all')).status, 401);
    }
    await signInAs(scene.system.visitor(), ADA);
    const visitor = await byProvider(scene, 0);
    assert.equal((await changePassword(visitor, NEW_PASSWORD, ADA.password)).location, '/account');
  });

  it('A70 is not renewed by waiting for a step', async () => {
    await using system = await startSystem({ email: 'required' }, engine);
    const ada = await registerAda(system);
    await ada.signIn(ADA.username, ADA.password);
    system.clock.advance(9 * MINUTE);
    const { code } = await newestConfirmation(system);
    assert.equal((await ada.submit('/login/confirm-address', { code })).location, '/dashboard');
    assert.equal((await ada.get(DELETION)).status, 200);
    system.clock.advance(MINUTE);
    assert.ok(isAsked(await ada.get(DELETION)));
  });

  it('A70 is not given by confirming another address', async () => {
    await using scene = await startScene(engine);
    const { system } = scene;
    await withPassword(scene);
    const ada = await signInAs(system.visitor());
    await requestAddressChange(system, ada, 'countess@example.net');
    system.clock.advance(30 * MINUTE);
    const path = await confirmPath(system, 'countess@example.net');
    assert.equal((await openAndConfirmLink(ada, path, CONFIRM)).location, '/account');
    assert.ok(isAsked(await ada.get(DELETION)));
  });
});

const BY_MAIL = '/account/confirm-by-mail';

async function codeIn(system: TestSystem): Promise<string> {
  const [mail] = await mailsOf(system, 'identity-code');
  const code = /^\s*(\d{8})$/m.exec(String(mail?.text))?.[1];
  assert.ok(code !== undefined && mail?.to === octocat);
  return code;
}

/** Requests a code on the page that a sensitive request redirects to. */
async function askForCode({ system }: Scene, visitor: Visitor): Promise<string> {
  system.clock.advance(SECOND);
  const csrf = await visitor.token(paths.confirm);
  const next = DELETION;
  assert.equal(
    (await visitor.post(BY_MAIL, { csrf, next })).location,
    '/account/confirm?next=%2Faccount%2Fdelete',
  );
  return codeIn(system);
}

async function typeCode(visitor: Visitor, code: string): Promise<Answer> {
  const csrf = await visitor.token('/dashboard');
  return visitor.post(`${BY_MAIL}/code`, { csrf, code, next: DELETION });
}

onEveryDatabase('a code that is mailed to authenticate again', (engine) => {
  it('A70 is offered to an account that has no password and no provider that can authenticate its user again', async () => {
    await using scene = await startScene(engine);
    await withGithubAlone(scene);
    const visitor = await byGithub(scene);
    const page = await visitor.get('/account/confirm?next=/account/delete');
    assert.match(page.body, /We can send a code to <bdi>octocat@example\.org/);
    const code = await askForCode(scene, visitor);
    const wrong = await typeCode(visitor, code === '00000000' ? '11111111' : '00000000');
    assert.equal(wrong.status, 401);
    assert.match(wrong.body, /That code is not right/);
    assert.equal((await typeCode(visitor, code)).location, DELETION);
    assert.equal((await visitor.get(DELETION)).status, 200);
    scene.system.clock.advance(10 * MINUTE);
    assert.equal((await typeCode(visitor, code)).status, 401, 'it is spent');
  });

  it('A13 A38 V6.5.5 V6.6.2 V6.6.3 works only in the session that requested it, for ten minutes, and until five wrong attempts', async () => {
    await using scene = await startScene(engine);
    await withGithubAlone(scene);
    const [asking, other] = [await byGithub(scene), await byGithub(scene)];
    const code = await askForCode(scene, asking);
    assert.equal((await typeCode(other, code)).status, 401);
    scene.system.clock.advance(10 * MINUTE);
    assert.equal((await typeCode(asking, code)).status, 401, 'it has expired');
    const again = await askForCode(scene, asking);
    for (let tries = 0; tries < 4; tries += 1) assert.equal((await typeCode(asking, code)).status, 401);
    assert.equal((await typeCode(asking, again)).status, 429);
  });

  it('A70 is neither offered nor sent when a password or a provider can give fresh authentication', async () => {
    await using scene = await startScene(engine);
    await withPassword(scene);
    const visitor = await byMail(scene);
    const page = await visitor.get(paths.confirm);
    assert.doesNotMatch(page.body, /confirm-by-mail/);
    const csrf = await visitor.token(paths.confirm);
    assert.equal((await visitor.post(BY_MAIL, { csrf })).location, paths.confirm);
    assert.equal((await visitor.post(`${BY_MAIL}/code`, { csrf, code: '12345678' })).location, paths.confirm);
    assert.deepEqual(await mailsOf(scene.system, 'identity-code'), []);
  });

  it('A05 is mailed at most five times an hour', async () => {
    await using scene = await startScene(engine);
    await withGithubAlone(scene);
    const visitor = await byGithub(scene);
    for (let mails = 0; mails < 5; mails += 1) await askForCode(scene, visitor);
    const csrf = await visitor.token(paths.confirm);
    assert.equal((await visitor.post(BY_MAIL, { csrf })).status, 429);
    assert.equal((await mailsOf(scene.system, 'identity-code')).length, 5);
  });
});
