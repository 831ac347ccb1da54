import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
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
  AUTHENTICATOR_STEP,
  type Authenticator,
  FACTOR_STEP,
  RECOVERY_STEP,
  SECURITY,
  setUpAuthenticator,
} from '../kit/second-factors.ts';
import { existingAccountId, startSystem, type TestSystem, usersOf } from '../kit/system.ts';
import { ADA, isSignedIn, NEW_PASSWORD, pathTo, signInAs, type Visitor } from '../kit/visitor.ts';

type Scene = { readonly system: TestSystem; readonly provider: TwinProvider };

/** Proves the first factor. @returns where that leads */
type Way = (scene: Scene, visitor: Visitor) => Promise<string | null>;

async function byMail({ system }: Scene, visitor: Visitor) {
  await requestLink(system, visitor, ADA.username);
  return newestLink(system);
}

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
  'an identity provider': async ({ provider }, visitor) =>
    pathTo(await signInWithProvider(visitor, provider)),
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

/** What an account has besides, and what its user gives. */
const STATES = {
  'no second factor': null,
  'an authenticator app': (visitor: Visitor, { code }: Authenticator) =>
    visitor.submit(AUTHENTICATOR_STEP, { code: code() }),
  'a recovery code': (visitor: Visitor, { recoveryCodes: [code = ''] }: Authenticator) =>
    visitor.submit(RECOVERY_STEP, { code }),
} as const;

async function startScene() {
  await using stack = new AsyncDisposableStack();
  const provider = stack.use(await startTwinProvider());
  const system = stack.use(await startSystem(acme(provider, { email: 'required', magicLink: 'on' })));
  const ada = await registerAda(system);
  await openAndConfirm(ada, (await newestConfirmation(system)).path);
  await signInAs(ada);
  await connectProvider(ada, provider);
  const kept = stack.move();
  return { system, provider, ada, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

describe('every sign-in, with every state of the second factor', () => {
  for (const [way, enter] of Object.entries(WAYS))
    for (const [state, give] of Object.entries(STATES))
      it(`A37 V6.3.3 by ${way}, with ${state}`, async () => {
        await using scene = await startScene();
        const { system, ada } = scene;
        const app = give === null ? null : await setUpAuthenticator(system, ada);
        const visitor = system.visitor();
        const path = await enter(scene, visitor);
        if (give === null || app === null) {
          assert.equal(path, '/dashboard');
          assert.ok(await isSignedIn(visitor));
          return;
        }
        assert.equal(path, FACTOR_STEP);
        assert.equal(await isSignedIn(visitor), false, 'it is no session yet');
        const done = await give(visitor, app);
        assert.equal(done.location, state === 'a recovery code' ? SECURITY : '/dashboard');
        assert.ok(await isSignedIn(visitor));
      });

  it('is what docs/factors.md lists', () => {
    const document = readDocument('docs/factors.md');
    for (const way of Object.keys(WAYS)) assert.ok(document.includes(`| ${way} |`), way);
  });
});
