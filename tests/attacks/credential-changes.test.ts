import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  changesOf,
  type Effects,
  effectsOf,
  withCredentialChanges,
} from '../../scripts/docs/credential-changes-table.ts';
import type { AccountId } from '../../src/auth/identifiers/ids.ts';
import { tokens as kinds } from '../../src/latchkey.ts';
import { hashToken } from '../../src/platform/crypto/tokens.ts';
import { DAY, SECOND } from '../../src/platform/runtime/clock.ts';
import type { TestAuthenticator } from '../../src/testing/index.ts';
import {
  beginDevice,
  decideOn,
  enterCode,
  NEW_TOKEN,
  plantApiToken,
  READ,
  WITH_TOKENS,
} from '../kit/api-tokens.ts';
import { LISTED_PASSWORD, NEW_PASSWORD_STEP, setPassword } from '../kit/breached-passwords.ts';
import { type Engine, onEveryDatabase } from '../kit/databases.ts';
import { readDocument } from '../kit/documents.ts';
import {
  acme,
  CONNECTIONS_PAGE,
  connectProvider,
  disconnectButtons,
  identitiesIn,
  redirectTarget,
  registerWithProvider,
  returnFromProvider,
  signInWithProvider,
  startTwinProvider,
  type TwinProvider,
} from '../kit/federation.ts';
import {
  ADDRESS,
  addressOf,
  CONFIRM,
  changeAddress,
  confirmPath,
  NEW_ADDRESS,
  newestConfirmation,
  newestLink,
  openAndConfirm,
  REPORT,
  RESET,
  reportPath,
  requestAddressChange,
  requestLink,
  requestResetPath,
  SENT,
  UNDO,
  undoPath,
} from '../kit/mailed-links.ts';
import {
  addPasskey,
  authenticatorFor,
  optionsFor,
  PASSKEY_SETUP,
  PASSKEY_STEP,
  PASSKEY_UPGRADE,
  PASSKEYS,
  SILENT,
  usePasskeyOn,
} from '../kit/passkeys.ts';
import { runCommandsOn } from '../kit/processes.ts';
import {
  AUTHENTICATOR,
  AUTHENTICATOR_SETUP,
  type Authenticator,
  authenticatorOf,
  CODES_STEP,
  enterFactorCode,
  FACTOR_SETUP,
  FACTOR_STEP,
  FACTOR_UNDO,
  factorUndoPath,
  LOST,
  nextCode,
  offeredSecret,
  RECOVERY_CODES,
  setUpAuthenticator,
  setupIn,
} from '../kit/second-factors.ts';
import { createTestStep, rowsIn } from '../kit/sign-in-steps.ts';
import {
  composedFeatures,
  reachInside,
  settleAudit,
  settleRequests,
  startSystem,
  type TestOptions,
  type TestSystem,
  usersOf,
} from '../kit/system.ts';
import { guess, resetCounters } from '../kit/throttling.ts';
import { plainTokens } from '../kit/tokens.ts';
import {
  ADA,
  type Answer,
  accountOf,
  isSignedIn,
  NEW_PASSWORD,
  PASSWORD_PAGE,
  presentToken,
  SESSION,
  signInAs,
  tokenIn,
  type Visitor,
} from '../kit/visitor.ts';

/** Ada with two connected identities, two browsers of hers, and a pending sign-in in a third. */
type Stage = {
  readonly system: TestSystem;
  readonly provider: TwinProvider;
  readonly ada: Visitor;
};

type Scenario = {
  /** The initial state of Ada's account. */
  readonly account?: 'without-password' | 'unconfirmed';
  readonly options?: TestOptions;
  /** Prepares the change; returns the function that makes it. */
  readonly prepare: (stage: Stage) => Promise<() => Promise<unknown>>;
};

/** The authenticator apps of Ada, in the systems in which she has one. */
const apps = new WeakMap<TestSystem, Authenticator>();

/** The same of her passkeys. */
const keys = new WeakMap<TestSystem, TestAuthenticator>();

/** Where a sign-in leads in the end, which may ask for a passkey or for the code of the app. */
async function passFactor(system: TestSystem, visitor: Visitor, { location }: Answer) {
  const [app, key] = [apps.get(system), keys.get(system)];
  if (location === FACTOR_STEP && key !== undefined)
    return (await usePasskeyOn(visitor, { page: PASSKEY_STEP }, key.get)).location;
  if (location !== FACTOR_STEP || app === undefined) return location;
  nextCode(system);
  return (await enterFactorCode(visitor, app.code())).location;
}

/** Creates the first passkey of Ada. */
async function withPasskey(system: TestSystem, ada: Visitor): Promise<TestAuthenticator> {
  const key = authenticatorFor(system);
  await addPasskey(ada, key);
  keys.set(system, key);
  return key;
}

/** How each change is made, by its name in SECURITY.md. */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'password changed': {
    prepare:
      async ({ ada }) =>
      () =>
        ada.submit(PASSWORD_PAGE, { 'new-password': NEW_PASSWORD }),
  },
  'first password set': {
    account: 'without-password',
    prepare:
      async ({ ada }) =>
      () =>
        ada.submit(PASSWORD_PAGE, { 'new-password': NEW_PASSWORD }),
  },
  'stolen password replaced at sign-in': {
    prepare: async ({ system, ada }) => {
      await ada.signOut();
      await setPassword(system, ADA.username, LISTED_PASSWORD);
      assert.equal((await ada.signIn(ADA.username, LISTED_PASSWORD)).location, NEW_PASSWORD_STEP);
      return () => ada.submit(NEW_PASSWORD_STEP, { 'new-password': NEW_PASSWORD });
    },
  },
  'password reset by a link': {
    prepare: async ({ system, ada }) => {
      await ada.get(await requestResetPath(system));
      const [keep = ''] = /keep-[0-9a-f-]+/.exec((await ada.get(RESET)).body) ?? [];
      return () => ada.submit(RESET, { 'new-password': NEW_PASSWORD, [keep]: 'on' });
    },
  },
  'address changed': {
    prepare: async ({ system, ada }) => {
      await requestAddressChange(system, ada, NEW_ADDRESS);
      await ada.get(await confirmPath(system));
      return () => ada.submit(CONFIRM, {});
    },
  },
  'change of address undone': {
    prepare: async ({ system, ada }) => {
      await changeAddress(system, ada, NEW_ADDRESS);
      await ada.get(await undoPath(system, ADDRESS));
      return () => ada.submit(UNDO, {});
    },
  },
  'unrecognised sign-in reported': {
    prepare: async ({ system, ada, provider }) => {
      await signInWithProvider(system.visitor(), provider);
      await ada.get(await reportPath(system));
      return () => ada.submit(REPORT, {});
    },
  },
  'identity provider connected': {
    prepare: async ({ ada, provider }) => {
      const page = redirectTarget(await ada.submit(CONNECTIONS_PAGE, { connect: 'acme' }));
      return () => {
        provider.profile = { sub: 'ada-once-more' };
        return returnFromProvider(ada, provider.signIn(page));
      };
    },
  },
  'identity provider disconnected': {
    prepare: async ({ ada }) => {
      const [, disconnect = ''] = await disconnectButtons(ada);
      return () => ada.submit(CONNECTIONS_PAGE, { disconnect });
    },
  },
  'API token created': {
    prepare:
      async ({ ada }) =>
      () =>
        ada.submit(NEW_TOKEN, READ),
  },
  'device allowed to get an API token': {
    prepare: async ({ system, ada }) => {
      const page = await enterCode(ada, (await beginDevice(system)).user_code);
      return () => decideOn(ada, page, 'allow');
    },
  },
  'address confirmed for the first time': {
    account: 'unconfirmed',
    prepare: async ({ system, ada }) => {
      const { path } = await newestConfirmation(system);
      return () => openAndConfirm(ada, path);
    },
  },
  'account disabled by the operator': {
    prepare:
      async ({ system }) =>
      () =>
        runCommandsOn(system, [['user', 'disable', ADA.username]]),
  },
  'authenticator app set up': {
    prepare: async ({ system, ada }) => {
      const page = await ada.get(AUTHENTICATOR);
      return async () => {
        const app = authenticatorOf(system, offeredSecret(page), []);
        apps.set(system, app);
        return ada.submit(AUTHENTICATOR, { setup: setupIn(page), code: app.code() });
      };
    },
  },
  'authenticator app set up at a sign-in': {
    options: { mfa: 'required-for-roles', mfaRoles: 'admin', mfaGrace: '0s', roles: 'admin' },
    prepare: async ({ system, ada }) => {
      await ada.signOut();
      const { id } = await accountOf(system);
      await usersOf(system).update(id, { roles: ['admin'], by: 'a test' });
      assert.equal((await ada.signIn(ADA.username, ADA.password)).location, FACTOR_SETUP);
      const page = await ada.get(AUTHENTICATOR_SETUP);
      // So that the other browsers can be signed in; the sign-in goes on where it is.
      await usersOf(system).update(id, { roles: [], by: 'a test' });
      return async () => {
        const app = authenticatorOf(system, offeredSecret(page), []);
        apps.set(system, app);
        await ada.submit(AUTHENTICATOR_SETUP, { setup: setupIn(page), code: app.code() });
        return ada.submit(CODES_STEP, {});
      };
    },
  },
  'passkey created at a sign-in': {
    options: { mfa: 'required-for-roles', mfaRoles: 'admin', mfaGrace: '0s', roles: 'admin' },
    prepare: async ({ system, ada }) => {
      await ada.signOut();
      const { id } = await accountOf(system);
      await usersOf(system).update(id, { roles: ['admin'], by: 'a test' });
      assert.equal((await ada.signIn(ADA.username, ADA.password)).location, FACTOR_SETUP);
      const key = authenticatorFor(system);
      const { body } = await ada.get(PASSKEY_SETUP);
      const [, flow] = /data-flow="([\w-]+)"/.exec(body) ?? [];
      const credential = JSON.stringify(key.create(await optionsFor(ada, PASSKEY_SETUP, flow)));
      // So that the other browsers can be signed in; the sign-in goes on where it is.
      await usersOf(system).update(id, { roles: [], by: 'a test' });
      return async () => {
        keys.set(system, key);
        await ada.post(PASSKEY_SETUP, { csrf: tokenIn(body), credential });
        return ada.submit(CODES_STEP, {});
      };
    },
  },
  'authenticator app replaced': {
    prepare: async ({ system, ada }) => {
      apps.set(system, await setUpAuthenticator(system, ada));
      const page = await ada.get(`${AUTHENTICATOR}?replace=on`);
      const app = authenticatorOf(system, offeredSecret(page), []);
      return async () => {
        apps.set(system, app);
        return ada.submit(AUTHENTICATOR, { setup: setupIn(page), code: app.code(), replace: 'on' });
      };
    },
  },
  'authenticator app removed': {
    prepare: async ({ system, ada }) => {
      apps.set(system, await setUpAuthenticator(system, ada));
      return async () => {
        apps.delete(system);
        return ada.submit(AUTHENTICATOR, { remove: 'on' });
      };
    },
  },
  'recovery codes replaced': {
    prepare: async ({ system, ada }) => {
      apps.set(system, await setUpAuthenticator(system, ada));
      return () => ada.submit(RECOVERY_CODES, {});
    },
  },
  'first passkey created': {
    prepare: async ({ system, ada }) => {
      const key = authenticatorFor(system);
      return async () => {
        keys.set(system, key);
        return addPasskey(ada, key);
      };
    },
  },
  'passkey created by the browser after a password': {
    prepare: async ({ system, ada }) => {
      const key = authenticatorFor(system);
      const credential = JSON.stringify(key.create(await optionsFor(ada, PASSKEY_UPGRADE), SILENT));
      return () => ada.postJson(`/api${PASSKEY_UPGRADE}`, { credential });
    },
  },
  'further passkey created': {
    prepare: async ({ system, ada }) => {
      const key = await withPasskey(system, ada);
      return async () => {
        const added = await addPasskey(ada, authenticatorFor(system));
        keys.set(system, key);
        return added;
      };
    },
  },
  'passkey removed': {
    prepare: async ({ system, ada }) => {
      await withPasskey(system, ada);
      return async () => {
        keys.delete(system);
        const { body } = await ada.get(PASSKEYS);
        const [, passkey = ''] = /name="passkey" value="([\w-]+)"/.exec(body) ?? [];
        return ada.post(PASSKEYS, { csrf: tokenIn(body), passkey, remove: 'on' });
      };
    },
  },
  'password removed': {
    prepare: async ({ system, ada }) => {
      await withPasskey(system, ada);
      return () => ada.submit('/account/without-password', {});
    },
  },
  'second factors removed because they were lost': {
    prepare: async ({ system, ada, provider }) => {
      await setUpAuthenticator(system, ada);
      await ada.signOut();
      const seconds = Math.floor(system.clock.read() / SECOND);
      provider.profile = { sub: 'ada-there', auth_time: seconds };
      assert.equal((await signInWithProvider(ada, provider)).location, FACTOR_STEP);
      const csrf = await ada.token(LOST);
      return () => ada.post(LOST, { csrf, password: ADA.password });
    },
  },
  'change of second factors undone': {
    prepare: async ({ system, ada }) => {
      await setUpAuthenticator(system, ada);
      await ada.get(await factorUndoPath(system));
      return () => ada.submit(FACTOR_UNDO, {});
    },
  },
  'second factors removed by the operator': {
    prepare: async ({ system, ada }) => {
      apps.set(system, await setUpAuthenticator(system, ada));
      return async () => {
        apps.delete(system);
        return runCommandsOn(system, [['user', 'reset-factors', ADA.username, '--reason', 'seen in person']]);
      };
    },
  },
  'password disabled by wrong attempts': {
    prepare: async ({ system }) => {
      const { queries } = reachInside(system, 'ninety wrong attempts take too long').core.database;
      await queries.updateTable('passwords').set({ consecutive_failures: 89 }).execute();
      return () => guess(system, ADA.username);
    },
  },
};

const features = composedFeatures();

describe('SECURITY.md', () => {
  it('I02 I07 I09 I18 lists every change of a credential that a feature declares', () => {
    const document = readDocument('SECURITY.md');
    assert.equal(withCredentialChanges(document, features), document, 'run: npm run docs');
  });

  it('I02 names each change of a credential once, and each is tried below', () => {
    const names = changesOf(features).map(({ name }) => name);
    assert.deepEqual(names.toSorted(), Object.keys(SCENARIOS).toSorted());
  });
});

/**
 * Issues a token of each kind, because no account can request all of them at once. @returns a function that lists the void
 * ones
 */
async function plantTokens({ system: { core }, clock }: TestSystem, accountId: AccountId) {
  const { oneTimeTokens, database } = core;
  const planted: { readonly name: string; readonly token: string }[] = [];
  for (const { name } of kinds) {
    const data = `${ADDRESS}\n{"browser":"","code":""}`;
    const about = { purpose: plainTokens(name, DAY), accountId, data };
    planted.push({ name, token: await oneTimeTokens.issue(database.queries, about, clock.read()) });
  }
  return async () => {
    const voided: string[] = [];
    for (const { name, token } of planted)
      if ((await oneTimeTokens.read(plainTokens(name, DAY), token, clock.read())) === null) voided.push(name);
    return voided.toSorted();
  };
}

async function mailNames({ system }: TestSystem): Promise<readonly string[]> {
  return ((await system.core.mail.mailbox?.list()) ?? []).map(({ message }) => message);
}

/** Events about attempts and sign-ins, which are recorded beside every change. */
const BESIDE = ['signed-in', 'signed-out', 'sign-in-waits', 'sign-in-refused'];

async function recordedIn(system: TestSystem): Promise<readonly string[]> {
  await settleAudit(system);
  const { queries } = reachInside(system, 'the page of events shows them in words').core.database;
  const rows = await queries.selectFrom('audit_events').select('type').orderBy('sequence').execute();
  return rows.map(({ type }) => type).filter((type) => !BESIDE.includes(type));
}

/** Whether a sign-in in this browser is reported to the owner as one in a new device. */
async function isUnknown(system: TestSystem, visitor: Visitor): Promise<boolean> {
  await resetCounters(system);
  if (await isSignedIn(visitor)) await visitor.signOut();
  const count = async () =>
    (await mailNames(system)).filter((name) => name === 'signed-in-from-new-device').length;
  const before = await count();
  await requestLink(system, visitor, ADA.username);
  const { code } = await newestLink(system, String((await addressOf(system)).email));
  const entered = await visitor.submit(SENT, { code });
  assert.equal(await passFactor(system, visitor, entered), '/dashboard');
  return (await count()) > before;
}

async function forgottenBrowsers(system: TestSystem, ada: Visitor, other: Visitor) {
  const { id } = await accountOf(system);
  await reachInside(system, 'operators enable accounts, and have no pages').core.lifecycle.enable(id);
  const [own, others] = [await isUnknown(system, ada), await isUnknown(system, other)];
  if (own) return 'all';
  return others ? 'all others' : 'none';
}

/** Ada's account, and her browser. */
async function begin(system: TestSystem, provider: TwinProvider, account: Scenario['account']) {
  const ada = system.visitor();
  provider.profile = { sub: 'ada-there' };
  if (account === 'without-password') await registerWithProvider(ada, provider, ADA.username, ADDRESS);
  else await ada.register(ADA.username, ADA.password, ADDRESS);
  if (account === 'unconfirmed') return signInAs(ada);
  await openAndConfirm(ada, (await newestConfirmation(system)).path);
  if (account !== 'without-password') {
    await signInAs(ada);
    await connectProvider(ada, provider);
  }
  provider.profile = { sub: 'ada-too' };
  await connectProvider(ada, provider);
  provider.profile = { sub: 'ada-there' };
  return ada;
}

async function observe(engine: Engine, { account, prepare, options: more }: Scenario): Promise<Effects> {
  await using provider = await startTwinProvider();
  const step = createTestStep();
  const options = acme(provider, { email: 'optional', magicLink: 'on', ...WITH_TOKENS, ...more });
  await using system = await startSystem(options, engine, { features: step.features });
  const ada = await begin(system, provider, account);
  const signIn = async (visitor: Visitor) => {
    const answer =
      account === 'unconfirmed'
        ? await visitor.signIn(ADA.username, ADA.password)
        : await signInWithProvider(visitor, provider);
    await passFactor(system, visitor, answer);
    return visitor;
  };
  const change = await prepare({ system, provider, ada });
  const other = await signIn(system.visitor());
  const { id } = await accountOf(system);
  step.blocked.add(id);
  await signIn(system.visitor());
  step.blocked.delete(id);
  assert.ok((await rowsIn(system, 'pending_sign_ins')).length > 0);
  system.clock.advance(SECOND);
  const voided = await plantTokens(system, id);
  const { token: apiToken } = await plantApiToken(system);
  const token = ada.cookies.get(SESSION);
  const before = await Promise.all([mailNames(system), recordedIn(system), identitiesIn(system)]);
  await change();
  await settleRequests(system);
  const after = await Promise.all([mailNames(system), recordedIn(system), identitiesIn(system)]);
  return {
    otherSessions: (await isSignedIn(other)) ? 'stay' : 'end',
    ownSession: await ownSession(system, ada, token),
    pendingSignIns: (await rowsIn(system, 'pending_sign_ins')).length > 0 ? 'stay' : 'end',
    apiTokens: (await isStored(system, apiToken)) ? 'stay' : 'end',
    voided: await voided(),
    identities: fate(before[2].length, after[2].length),
    // The newest come first.
    mails: after[0].slice(0, after[0].length - before[0].length).toSorted(),
    events: after[1].slice(before[1].length),
    knownBrowsers: await forgottenBrowsers(system, ada, other),
  };
}

/** Whether an API token is still there, also of an account that cannot be used now. */
async function isStored(system: TestSystem, token: string): Promise<boolean> {
  const { queries } = reachInside(system, 'the guard refuses tokens of a disabled account').core.database;
  const rows = await queries.selectFrom('api_tokens').select('token_hash').execute();
  return rows.some(({ token_hash }) => hashToken(token).equals(token_hash));
}

async function ownSession(system: TestSystem, ada: Visitor, token: string | undefined) {
  if (token === undefined) return 'begins';
  if ((await presentToken(system, token)).status === 200) return 'stays';
  return (await isSignedIn(ada)) ? 'new token' : 'ends';
}

function fate(before: number, after: number): Effects['identities'] {
  if (after === before) return 'stay';
  if (after > before) return 'one more';
  return after === 0 ? 'all go' : 'some go';
}

onEveryDatabase('a change of a credential', (engine) => {
  for (const change of changesOf(features)) {
    it(`I02 I07 I09 I14 I18 has every effect that its definition declares: ${change.name}`, async () => {
      const scenario = SCENARIOS[change.name];
      assert.ok(scenario !== undefined, 'every change has a scenario');
      assert.deepEqual(await observe(engine, scenario), effectsOf(change));
    });
  }
});
