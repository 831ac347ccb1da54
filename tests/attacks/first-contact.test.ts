import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AccountId } from '../../src/auth/identifiers/ids.ts';
import {
  acme,
  identitiesIn,
  redirectTarget,
  returnFromProvider,
  signInWithProvider,
  startTwinProvider,
  type TokenClaims,
  type TwinProvider,
} from '../kit/federation.ts';
import { newestConfirmation } from '../kit/mailed-links.ts';
import { FIRST_CONTACT, type FirstOutcome, type LocalAccount, type ProviderAddress } from '../kit/pages.ts';
import { createTestStep } from '../kit/sign-in-steps.ts';
import {
  disableAccount,
  existingAccountId,
  reachInside,
  startSystem,
  type TestSystem,
} from '../kit/system.ts';
import { ADA, isSignedIn, pathTo, type Visitor } from '../kit/visitor.ts';

const ADDRESS = 'ada@example.org';
const NEW_USER = '/register/connected';

const accountsOf = (system: TestSystem) => reachInside(system, 'no page shows a whole account').core.accounts;

const PROFILES: Readonly<Record<ProviderAddress, TokenClaims>> = {
  absent: { sub: 'ada-there' },
  unverified: { sub: 'ada-there', email: ADDRESS, email_verified: false },
  verified: { sub: 'ada-there', email: ADDRESS, email_verified: true },
  trusted: { sub: 'ada-there', email: ADDRESS, email_verified: true },
};

type Scene = {
  readonly provider: TwinProvider;
  readonly system: TestSystem;
  /** The browser that comes from the provider. */
  readonly visitor: Visitor;
  /** The existing account. */
  readonly accountId: AccountId;
};

async function setUp(local: LocalAccount, address: ProviderAddress, who: keyof typeof FIRST_CONTACT) {
  const provider = await startTwinProvider();
  const step = createTestStep();
  const trust = { oidcAcmeTrustEmail: address === 'trusted' ? 'on' : 'off' };
  const system = await startSystem(acme(provider, trust), undefined, { features: step.features });
  provider.profile = PROFILES[address];
  const visitor = system.visitor();
  const owner = system.visitor();
  await owner.register(ADA.username, ADA.password, ...(local === 'none' ? [] : [ADDRESS]));
  await owner.signIn(ADA.username, ADA.password);
  const accountId = await existingAccountId(system, ADA.username);
  if (local !== 'none' && local !== 'unverified') await confirm(system, owner);
  if (who === 'signed in') await visitor.signIn(ADA.username, ADA.password);
  if (local === 'disabled') await disableAccount(system, ADA.username);
  if (local === 'held') step.blocked.add(accountId);
  const scene: Scene = { provider, system, visitor, accountId };
  return {
    ...scene,
    [Symbol.asyncDispose]: async () => {
      await system[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

async function confirm(system: TestSystem, owner: Visitor): Promise<void> {
  const { code } = await newestConfirmation(system, ADDRESS);
  await owner.submit('/account/confirm-address', { code });
}

async function connect({ provider, visitor }: Scene) {
  const answer = await visitor.post('/account/connections', {
    csrf: await visitor.token('/account/connections'),
    connect: 'acme',
  });
  return answer.status === 200
    ? returnFromProvider(visitor, provider.signIn(redirectTarget(answer)))
    : answer;
}

/** Comes from the provider and registers as a new user. @returns the text of the page with the form */
async function come({ provider, visitor }: Scene, email: string) {
  assert.equal(pathTo(await signInWithProvider(visitor, provider)), NEW_USER);
  assert.equal(await isSignedIn(visitor), false);
  const { body } = await visitor.get(NEW_USER);
  return { body, answer: await visitor.submit(NEW_USER, { username: 'Newcomer', email }) };
}

async function account({ system }: Scene, name: string) {
  return accountsOf(system).read(await existingAccountId(system, name));
}

const PROPOSED = new RegExp(`name="email"[^>]*value="${ADDRESS}"`);

/** The observable properties of each outcome. */
const SEEN: Readonly<Record<FirstOutcome, (scene: Scene) => Promise<void>>> = {
  new: async (scene) => {
    const { body, answer } = await come(scene, 'typed@example.org');
    assert.match(body, /name="email"[^>]*value=""/);
    assert.equal(answer.location, '/dashboard');
    const made = await account(scene, 'Newcomer');
    assert.deepEqual([made?.email, made?.emailVerifiedAt], ['typed@example.org', null]);
  },
  proposed: async (scene) => {
    const { body, answer } = await come(scene, ADDRESS);
    assert.match(body, PROPOSED);
    assert.equal(answer.location, '/dashboard');
    const made = await account(scene, 'Newcomer');
    assert.deepEqual([made?.email, made?.emailVerifiedAt], [ADDRESS, null]);
  },
  confirmed: async (scene) => {
    const { body, answer } = await come(scene, 'ignored@example.org');
    assert.doesNotMatch(body, /name="email"/);
    assert.equal(answer.location, '/dashboard');
    const made = await account(scene, 'Newcomer');
    assert.equal(made?.email, ADDRESS);
    assert.notEqual(made?.emailVerifiedAt, null);
  },
  refused: async (scene) => {
    const { body, answer } = await come(scene, ADDRESS);
    assert.match(body, PROPOSED);
    assert.equal(answer.status, 422);
    assert.match(answer.body, /There is already an account with this address/);
    await makesAnotherWithoutAddress(scene);
  },
  separate: async (scene) => {
    const { body, answer } = await come(scene, ADDRESS);
    assert.match(body, /There is an account here with the address ada@example\.org already/);
    assert.match(body, /href="\/login\?next=%2Faccount%2Fconnections"/);
    assert.equal(answer.status, 422);
    await makesAnotherWithoutAddress(scene);
  },
  connected: async (scene) => {
    await connect(scene);
    const [row, ...more] = await identitiesIn(scene.system);
    assert.deepEqual([row?.subject, more.length], ['ada-there', 0]);
    assert.equal(await isSignedIn(scene.visitor), true);
  },
  'confirm-first': async (scene) => {
    assert.equal((await connect(scene)).location, '/account/confirm-address');
    assert.deepEqual(await identitiesIn(scene.system), []);
  },
  'sign-in-first': async (scene) => {
    const answer = await scene.visitor.get('/account/connections');
    assert.equal(answer.location, '/login?next=%2Faccount%2Fconnections');
    assert.deepEqual(await identitiesIn(scene.system), []);
  },
};

async function makesAnotherWithoutAddress(scene: Scene): Promise<void> {
  const { visitor } = scene;
  assert.equal((await visitor.submit(NEW_USER, { username: 'Newcomer', email: '' })).location, '/dashboard');
  assert.equal((await account(scene, 'Newcomer'))?.email, null);
}

/** The names of outcomes, accounts and addresses in titles. */
const SAID: Readonly<Record<FirstOutcome, string>> = {
  new: 'creates an account with a typed, unconfirmed address',
  proposed: 'creates an account with the proposed, unconfirmed address',
  confirmed: 'creates an account with a confirmed address',
  refused: 'refuses the proposed address as taken',
  separate: 'points to the account that has the address, and does not enter it',
  connected: 'connects the provider with the signed-in account',
  'confirm-first': 'requires the account to confirm its address first',
  'sign-in-first': 'leads to the sign-in page',
};

const HERE: Readonly<Record<LocalAccount, string>> = {
  none: 'no local account has the address',
  unverified: 'a local account has the address unconfirmed',
  verified: 'a local account has the address confirmed',
  disabled: 'a disabled local account has the address',
  held: 'a local account with a further sign-in step has the address',
};

const THERE: Readonly<Record<ProviderAddress, string>> = {
  absent: 'the provider returns no address',
  unverified: 'the provider returns an unverified address',
  verified: 'the provider, which is not trusted, returns a verified address',
  trusted: 'the provider, which is trusted, returns a verified address',
};

describe('A18, A22: the first sign-in of a user with an identity provider', () => {
  for (const who of ['signed out', 'signed in'] as const) {
    for (const local of ['none', 'unverified', 'verified', 'disabled', 'held'] as const) {
      for (const address of ['absent', 'unverified', 'verified', 'trusted'] as const) {
        const outcome = FIRST_CONTACT[who][local][address];
        const circumstances = `when the browser is ${who}, ${HERE[local]}, and ${THERE[address]}`;
        it(`${SAID[outcome]} ${circumstances}`, async () => {
          await using scene = await setUp(local, address, who);
          const before = await accountsOf(scene.system).read(scene.accountId);
          await SEEN[outcome](scene);
          assert.deepEqual(await accountsOf(scene.system).read(scene.accountId), before);
          const mine = (await identitiesIn(scene.system)).filter(
            ({ account_id }) =>
              Buffer.from(account_id).toString('hex') === scene.accountId.replaceAll('-', ''),
          );
          assert.equal(mine.length, outcome === 'connected' ? 1 : 0, 'an address connects nothing');
        });
      }
    }
  }
});
