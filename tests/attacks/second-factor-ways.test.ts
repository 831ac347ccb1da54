import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { insertDeadline } from '../../src/features/second-factors/policy/deadlines.ts';
import { DAY } from '../../src/platform/runtime/clock.ts';
import { readDocument } from '../kit/documents.ts';
import {
  acme,
  connectProvider,
  signInWithProvider,
  startTwinProvider,
  type TwinProvider,
} from '../kit/federation.ts';
import {
  newestConfirmation,
  newestLink,
  openAndConfirm,
  RESET,
  registerAda,
  requestLink,
  requestResetPath,
  SENT,
} from '../kit/mailed-links.ts';
import {
  addPasskey,
  authenticatorFor,
  PASSKEY_STEP,
  signInWithPasskey,
  usePasskeyOn,
} from '../kit/passkeys.ts';
import {
  AUTHENTICATOR_STEP,
  FACTOR_SETUP,
  FACTOR_STEP,
  RECOVERY_STEP,
  SECURITY,
  setUpAuthenticator,
  setUpInSignIn,
} from '../kit/second-factors.ts';
import {
  existingAccountId,
  reachInside,
  startSystem,
  type TestOptions,
  type TestSystem,
  usersOf,
} from '../kit/system.ts';
import {
  ADA,
  type Answer,
  isSignedIn,
  NEW_PASSWORD,
  pathTo,
  signInAs,
  type Visitor,
} from '../kit/visitor.ts';

type Scene = { readonly system: TestSystem; readonly provider: TwinProvider | null };

const FOR_ADMINS: TestOptions = { mfa: 'required-for-roles', mfaRoles: 'admin', roles: 'admin' };

/** Proves the first factor. @returns where that leads */
type Way = (scene: Scene, visitor: Visitor) => Promise<string | null>;

async function byMail({ system }: Scene, visitor: Visitor) {
  await requestLink(system, visitor, ADA.username);
  return newestLink(system);
}

const BY_PROVIDER = 'an identity provider';

/** Every sign-in to an existing account; one that is added has to be added here. */
const WAYS: Readonly<Record<string, Way>> = {
  'a password': async (_, visitor) => pathTo(await visitor.signIn(ADA.username, ADA.password)),
  'a password, by JSON': async (_, visitor) =>
    JSON.parse((await visitor.postJson('/api/login', ADA)).body).next,
  'the link of a mail': async (scene, visitor) => {
    const { path } = await byMail(scene, visitor);
    const opened = await visitor.get(path);
    return pathTo(await visitor.submit(String(opened.location), {}));
  },
  'the code of a mail': async (scene, visitor) => {
    const { code } = await byMail(scene, visitor);
    return pathTo(await visitor.submit(SENT, { code }));
  },
  [BY_PROVIDER]: async ({ provider }, visitor) => {
    assert.ok(provider !== null);
    return pathTo(await signInWithProvider(visitor, provider));
  },
  'a reset of the password by mail, and the new one': async ({ system }, visitor) => {
    await visitor.get(await requestResetPath(system));
    await visitor.submit(RESET, { 'new-password': NEW_PASSWORD });
    return pathTo(await visitor.signIn(ADA.username, NEW_PASSWORD));
  },
  'a link of the operator for a new password, and that one': async ({ system }, visitor) => {
    const id = await existingAccountId(system, ADA.username);
    const made = await usersOf(system).resetLink(id, { by: 'a test' });
    assert.ok(made.ok);
    const { pathname, search } = new URL(made.url);
    await visitor.get(pathname + search);
    await visitor.submit(RESET, { 'new-password': NEW_PASSWORD });
    return pathTo(await visitor.signIn(ADA.username, NEW_PASSWORD));
  },
};

/** Gives a second factor to the pending sign-in of a browser. */
type Give = (visitor: Visitor) => Promise<Answer>;
type State = (system: TestSystem, ada: Visitor) => Promise<Give>;

/** What an account has besides, which is set up first, and what its user gives. */
const STATES: Readonly<Record<string, State | null>> = {
  'no second factor': null,
  'an authenticator app': async (system, ada) => {
    const { code } = await setUpAuthenticator(system, ada);
    return (visitor) => visitor.submit(AUTHENTICATOR_STEP, { code: code() });
  },
  'a recovery code': async (system, ada) => {
    const { recoveryCodes } = await setUpAuthenticator(system, ada);
    return (visitor) => visitor.submit(RECOVERY_STEP, { code: String(recoveryCodes[0]) });
  },
  'a passkey': async (system, ada) => {
    const authenticator = authenticatorFor(system);
    await addPasskey(ada, authenticator);
    return (visitor) => usePasskeyOn(visitor, { page: PASSKEY_STEP }, authenticator.get);
  },
};

/** What the site requires, as the settings say it, and when the grace period of the account began. */
const POLICIES = {
  'MFA=optional': { options: {}, isDue: false },
  'MFA=required, in the grace period': { options: { mfa: 'required' }, isDue: false },
  'MFA=required, after the grace period': { options: { mfa: 'required' }, begun: 7 * DAY, isDue: true },
  'MFA=required-for-roles, after the grace period, with the role': {
    options: FOR_ADMINS,
    roles: ['admin'],
    begun: 7 * DAY,
    isDue: true,
  },
  'MFA=required-for-roles, without the role': { options: FOR_ADMINS, begun: 7 * DAY, isDue: false },
} as const satisfies Readonly<Record<string, Policy>>;

type Policy = {
  readonly options: TestOptions;
  readonly roles?: readonly string[];
  /** How long ago the grace period began, where not with the sign-in before. */
  readonly begun?: number;
  /** Whether an account without a factor sets one up. */
  readonly isDue: boolean;
};

/** @param hasProvider whether Ada has connected an identity provider, which takes a moment to start */
async function startScene({ options }: Policy, hasProvider: boolean) {
  await using stack = new AsyncDisposableStack();
  const provider = hasProvider ? stack.use(await startTwinProvider()) : null;
  const more = { email: 'required', magicLink: 'on', ...options } as const;
  const system = stack.use(await startSystem(provider === null ? more : acme(provider, more)));
  const ada = await registerAda(system);
  await openAndConfirm(ada, (await newestConfirmation(system)).path);
  await signInAs(ada);
  if (provider !== null) await connectProvider(ada, provider);
  const kept = stack.move();
  return { system, provider, ada, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Has the policy concern Ada as long as it says. */
async function enforce(system: TestSystem, { roles, begun }: Policy): Promise<void> {
  const id = await existingAccountId(system, ADA.username);
  if (roles !== undefined) await usersOf(system).update(id, { roles, by: 'a test' });
  if (begun === undefined) return;
  const { queries } = reachInside(system, 'the sessions and links of a week ago would be gone').core.database;
  await queries.deleteFrom('factor_deadlines').execute();
  await insertDeadline(queries, id, system.clock.read() - begun);
}

describe('every sign-in, with every state of the second factor and every policy', () => {
  for (const [policy, rule] of Object.entries<Policy>(POLICIES))
    for (const [way, enter] of Object.entries(WAYS))
      for (const [state, setUp] of Object.entries(STATES))
        it(`A37 V6.3.3 by ${way}, with ${state} and ${policy}`, async () => {
          await using scene = await startScene(rule, way === BY_PROVIDER);
          const { system, ada } = scene;
          const give = (await setUp?.(system, ada)) ?? null;
          await enforce(system, rule);
          const visitor = system.visitor();
          const path = await enter(scene, visitor);
          if (give === null) {
            assert.equal(path, rule.isDue ? FACTOR_SETUP : '/dashboard');
            assert.equal(await isSignedIn(visitor), !rule.isDue);
            if (rule.isDue) assert.equal((await setUpInSignIn(system, visitor)).location, '/dashboard');
            assert.ok(await isSignedIn(visitor));
            return;
          }
          assert.equal(path, FACTOR_STEP);
          assert.equal(await isSignedIn(visitor), false, 'it is no session yet');
          const done = await give(visitor);
          assert.equal(done.location, state === 'a recovery code' ? SECURITY : '/dashboard');
          assert.ok(await isSignedIn(visitor));
        });

  for (const [policy, rule] of Object.entries<Policy>(POLICIES))
    it(`A37 by a passkey, which is two factors in one, with ${policy}`, async () => {
      await using scene = await startScene(rule, false);
      const { system, ada } = scene;
      const authenticator = authenticatorFor(system);
      await addPasskey(ada, authenticator);
      await enforce(system, rule);
      const visitor = system.visitor();
      assert.equal((await signInWithPasskey(visitor, authenticator)).location, '/dashboard');
      assert.ok(await isSignedIn(visitor));
    });

  it('V6.1.3 V6.3.4 is what docs/factors.md lists', () => {
    const document = readDocument('docs/factors.md');
    for (const way of Object.keys(WAYS)) assert.ok(document.includes(`| ${way} |`), way);
    for (const policy of Object.keys(POLICIES)) assert.ok(document.includes(`| \`${policy}\` |`), policy);
  });
});
