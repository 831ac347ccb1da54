import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { paths } from '../../src/auth/paths.ts';
import { DAY, MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';
import { type Engine, onEveryDatabase } from '../kit/databases.ts';
import {
  ADDRESS,
  newestConfirmation,
  openAndConfirm,
  openAndReset,
  registerAda,
  requestResetPath,
} from '../kit/mailed-links.ts';
import { runCommandsOn } from '../kit/processes.ts';
import {
  AUTHENTICATOR,
  AUTHENTICATOR_STEP,
  type Authenticator,
  FACTOR_STEP,
  nextCode,
  RECOVERY_CODES,
  RECOVERY_STEP,
  setUpAuthenticator,
} from '../kit/second-factors.ts';
import {
  eventsOf,
  existingAccountId,
  reachInside,
  startSystem,
  type TestOptions,
  type TestSystem,
  usersOf,
} from '../kit/system.ts';
import { ADA, changePassword, NEW_PASSWORD, reasonsOf, signInAs, type Visitor } from '../kit/visitor.ts';

const COOKIE = 'latchkey-remembered';
const SESSIONS = '/account/sessions';
const FORGET = '/account/sessions/forget-device';
const LONG = { sessionIdle: '30d', sessionLifetime: '30d' };

type Stage = {
  readonly system: TestSystem;
  /** Remembered, and not signed in. */
  readonly browser: Visitor;
  /** Signed in with both factors just now, in another browser. */
  readonly ada: Visitor;
  readonly app: Authenticator;
};

const signIn = (visitor: Visitor, password: string = ADA.password) => visitor.signIn(ADA.username, password);

/** Signs in with the code, and has the browser remembered. */
async function rememberIn(system: TestSystem, visitor: Visitor, app: Authenticator): Promise<void> {
  nextCode(system);
  assert.equal((await signIn(visitor)).location, FACTOR_STEP);
  const given = { code: app.code(), 'remember-device': 'on' };
  assert.equal((await visitor.submit(AUTHENTICATOR_STEP, given)).location, '/dashboard');
}

async function withRemembered(
  work: (stage: Stage) => Promise<unknown>,
  engine?: Engine,
  options: TestOptions = {},
): Promise<void> {
  const more = { email: 'required', mfaRemember: '30d', ...LONG, ...options } as const;
  await using system = await startSystem(more, engine);
  const ada = await registerAda(system);
  await openAndConfirm(ada, (await newestConfirmation(system)).path);
  await signInAs(ada);
  const app = await setUpAuthenticator(system, ada);
  const browser = system.visitor();
  await rememberIn(system, browser, app);
  await browser.signOut();
  await work({ system, browser, ada, app });
}

const sessionOf = async (visitor: Visitor) => JSON.parse((await visitor.get('/api/session')).body).session;

async function rowsOf(system: TestSystem) {
  const { queries } = reachInside(system, 'the page shows no row that does not work').core.database;
  return queries.selectFrom('remembered_devices').selectAll().execute();
}

describe('a remembered browser', () => {
  it('A39 is not asked for the second factor for 30 days, and no day longer, however often it is used', () =>
    withRemembered(async ({ system, browser }) => {
      for (const days of [1, 14, 14.9]) {
        system.clock.advance(days * DAY);
        assert.equal((await signIn(browser)).location, '/dashboard', `${days}`);
        await browser.signOut();
      }
      system.clock.advance(DAY / 10);
      assert.equal((await signIn(browser)).location, FACTOR_STEP);
    }));

  it('A39 V7.5.3 begins sessions of one factor: what is sensitive asks for the code, whichever way it is reached', () =>
    withRemembered(async ({ system, browser, app }) => {
      assert.equal((await signIn(browser)).location, '/dashboard');
      const session = await sessionOf(browser);
      assert.deepEqual([session.aal, session.secondFactor], [1, null]);
      assert.deepEqual(session.authentication.methods, ['password']);
      for (const path of ['/account/delete', AUTHENTICATOR, RECOVERY_CODES, paths.password])
        assert.match(String((await browser.get(path)).location), /^\/account\/confirm/, path);
      const given = { currentPassword: ADA.password, newPassword: NEW_PASSWORD };
      assert.deepEqual(reasonsOf(await browser.postJson(`/api${paths.password}`, given)), [
        'second-factor-required',
      ]);
      const { password } = ADA;
      const confirm = (fields: object) => browser.postJson('/api/account/confirm', fields);
      assert.deepEqual(reasonsOf(await confirm({ password })), ['code-missing']);
      nextCode(system);
      assert.equal((await confirm({ password, code: app.code() })).status, 200);
      assert.deepEqual((await sessionOf(browser)).aal, 2);
      assert.equal((await browser.get('/account/delete')).status, 200);
    }));

  it('A39 is of no use in another browser, for another account, with a changed cookie, or without the password', () =>
    withRemembered(async ({ system, browser }) => {
      assert.equal((await signIn(system.visitor())).location, FACTOR_STEP);
      const cookie = String(browser.cookies.get(COOKIE));
      assert.equal((await signIn(browser, 'a wrong password')).status, 401);
      const ben = system.visitor();
      const [username, password] = ['Ben', 'seven paper boats at dusk'];
      await ben.register(username, password, 'ben@example.org');
      await openAndConfirm(ben, (await newestConfirmation(system, 'ben@example.org')).path);
      await ben.signIn(username, password);
      await setUpAuthenticator(system, ben);
      await ben.signOut();
      ben.cookies.set(COOKIE, cookie);
      assert.equal((await ben.signIn(username, password)).location, FACTOR_STEP);
      const last = cookie.endsWith('A') ? 'B' : 'A';
      for (const text of [
        '',
        cookie.slice(1),
        `${cookie.slice(0, -1)}${last}`,
        'A'.repeat(43),
        '.'.repeat(200),
      ]) {
        const thief = system.visitor();
        thief.cookies.set(COOKIE, text);
        assert.equal((await signIn(thief)).location, FACTOR_STEP, text);
      }
    }));

  it('A39 is remembered for several accounts, and for API clients', () =>
    withRemembered(async ({ system, browser }) => {
      const [username, password] = ['Ben', 'seven paper boats at dusk'];
      await browser.register(username, password, 'ben@example.org');
      await openAndConfirm(browser, (await newestConfirmation(system, 'ben@example.org')).path);
      await browser.signIn(username, password);
      const app = await setUpAuthenticator(system, browser);
      await browser.signOut();
      nextCode(system);
      const begun = JSON.parse((await browser.postJson('/api/login', { username, password })).body);
      const fields = { flow: begun.flow, code: app.code(), rememberDevice: true };
      const entered = await browser.postJson(`/api${AUTHENTICATOR_STEP}`, fields);
      assert.equal(JSON.parse(entered.body).state, 'signed-in');
      await browser.signOut();
      for (const who of [{ username, password }, ADA]) {
        const { body } = await browser.postJson('/api/login', who);
        assert.equal(JSON.parse(body).state, 'signed-in', who.username);
        await browser.signOut();
      }
    }));

  it('A39 is not offered by default, nor with a recovery code, and nothing is kept where it is sent nevertheless', async () => {
    for (const mfaRemember of ['0s', '30d'] as const) {
      await using system = await startSystem({ mfaRemember });
      const ada = system.visitor();
      await ada.register(ADA.username, ADA.password);
      await signInAs(ada);
      const app = await setUpAuthenticator(system, ada);
      const browser = system.visitor();
      await signIn(browser);
      const offered = (await browser.get(AUTHENTICATOR_STEP)).body.includes('name="remember-device"');
      assert.equal(offered, mfaRemember === '30d');
      assert.doesNotMatch((await browser.get(RECOVERY_STEP)).body, /remember-device/);
      const [code = ''] = app.recoveryCodes;
      await browser.submit(RECOVERY_STEP, { code, 'remember-device': 'on' });
      if (mfaRemember === '0s') {
        const other = system.visitor();
        await signIn(other);
        await other.submit(AUTHENTICATOR_STEP, { code: app.code(), 'remember-device': 'on' });
      }
      assert.deepEqual(await rowsOf(system), []);
      assert.equal(browser.cookies.get(COOKIE), undefined);
    }
  });

  it('A39 is listed for its user, who can have it asked again, and no other user can', () =>
    withRemembered(async ({ system, browser, ada }) => {
      const page = await ada.get(SESSIONS);
      assert.match(page.body, /Not asked for a second factor/);
      const [, device = ''] = /name="device" value="([^"]+)"/.exec(page.body) ?? [];
      const ben = system.visitor();
      await ben.register('Ben', 'seven paper boats at dusk', 'ben@example.org');
      await openAndConfirm(ben, (await newestConfirmation(system, 'ben@example.org')).path);
      await ben.signIn('Ben', 'seven paper boats at dusk');
      const csrf = await ben.token('/dashboard');
      for (const id of [device, '', 'x']) await ben.post(FORGET, { csrf, device: id });
      assert.equal((await signIn(browser)).location, '/dashboard');
      await browser.signOut();
      const forgotten = await ada.post(FORGET, { csrf: await ada.token(SESSIONS), device });
      assert.equal(forgotten.location, SESSIONS);
      assert.match((await ada.get(SESSIONS)).body, /asked for your second factor again/);
      assert.equal(eventsOf(system, 'device-forgotten').length, 1);
      assert.equal((await signIn(browser)).location, FACTOR_STEP);
    }));

  it('A39 begins no session where it is forgotten while its sign-in waits for another step', () =>
    withRemembered(async ({ system, browser, ada, app }) => {
      const { slots } = reachInside(system, 'the step has to come between two statements').core;
      const step = { isBlocked: true };
      const [first] = slots().signInRules.steps;
      assert.ok(first !== undefined);
      Object.assign(slots().signInRules, {
        steps: [
          ...slots().signInRules.steps,
          { name: 'later', path: '/login/confirm-address', isRequired: async () => step.isBlocked },
        ],
      });
      assert.equal((await signIn(browser)).location, '/login/confirm-address');
      const page = await ada.get(SESSIONS);
      const [, device = ''] = /name="device" value="([^"]+)"/.exec(page.body) ?? [];
      await ada.post(FORGET, { csrf: await ada.token(SESSIONS), device });
      step.isBlocked = false;
      assert.equal((await browser.get(FACTOR_STEP)).status, 303);
      nextCode(system);
      const entered = await browser.submit(AUTHENTICATOR_STEP, { code: app.code() });
      assert.equal(entered.location, '/dashboard');
      assert.equal((await sessionOf(browser)).aal, 2);
    }));

  it('A39 is forgotten at once by a shorter setting', async () => {
    await withRemembered(async ({ system, browser }) => {
      const cookie = String(browser.cookies.get(COOKIE));
      system.clock.advance(2 * DAY);
      const url = system.databaseUrl;
      for (const [mfaRemember, location] of [
        ['1d', FACTOR_STEP],
        ['3d', '/dashboard'],
        ['0s', FACTOR_STEP],
      ] as const) {
        await using other = await startSystem({ email: 'required', mfaRemember, ...LONG }, existing(url));
        other.clock.advance(system.clock.read() - other.clock.read());
        const visitor = other.visitor();
        visitor.cookies.set(COOKIE, cookie);
        assert.equal((await signIn(visitor)).location, location, mfaRemember);
      }
    });
  });
});

function existing(url: string): Engine {
  const create = async () => ({ url, [Symbol.asyncDispose]: async () => {} });
  return { name: 'existing', create, createMigrated: create };
}

/** What forgets every remembered browser of the account. Each gives Ada’s new password, if she has one. */
const ENDS: Readonly<Record<string, (stage: Stage) => Promise<string | null>>> = {
  'a new password': async ({ ada }) => {
    assert.equal((await changePassword(ada, NEW_PASSWORD)).location, paths.account);
    return NEW_PASSWORD;
  },
  'a reset by mail': async ({ system }) => {
    await openAndReset(system.visitor(), await requestResetPath(system, ADDRESS), NEW_PASSWORD);
    return NEW_PASSWORD;
  },
  'new recovery codes': async ({ ada }) => {
    assert.equal((await ada.submit(RECOVERY_CODES, {})).location, RECOVERY_CODES);
    return null;
  },
  'disabling and enabling the account': async ({ system }) => {
    const done = await runCommandsOn(system, [
      ['user', 'disable', ADA.username],
      ['user', 'enable', ADA.username],
    ]);
    assert.deepEqual(
      done.map(({ status }) => status),
      [0, 0],
    );
    return null;
  },
  'signing out everywhere else': async ({ ada }) => {
    const csrf = await ada.token(SESSIONS);
    assert.equal((await ada.post('/account/sessions/end-others', { csrf })).location, SESSIONS);
    return null;
  },
  'the operator’s sign-out': async ({ system }) => {
    const [done] = await runCommandsOn(system, [['user', 'sign-out', ADA.username]]);
    assert.equal(done?.status, 0);
    return null;
  },
};

onEveryDatabase('a remembered browser', (engine) => {
  for (const [what, end] of Object.entries(ENDS))
    it(`A39 A11 is asked again after ${what}`, () =>
      withRemembered(async (stage) => {
        const { system, browser } = stage;
        system.clock.advance(SECOND);
        const password = (await end(stage)) ?? ADA.password;
        assert.equal((await signIn(browser, password)).location, FACTOR_STEP);
        assert.deepEqual(await rowsOf(system), []);
      }, engine));

  it('A39 A11 is not remembered by a sign-in whose session a change of credentials has ended meanwhile', () =>
    withRemembered(async ({ system, browser, ada, app }) => {
      const { slots } = reachInside(system, 'the change has to come between two statements').core;
      const asked = { times: 0 };
      const isRequired = async () => {
        asked.times += 1;
        // Once before the session begins, once after.
        if (asked.times === 2) await ada.submit(RECOVERY_CODES, {});
        return false;
      };
      const step = { name: 'later', path: '/login/confirm-address', isRequired } as const;
      const steps = [...slots().signInRules.steps, step];
      browser.cookies.delete(COOKIE);
      nextCode(system);
      await signIn(browser);
      const csrf = await browser.token(AUTHENTICATOR_STEP);
      Object.assign(slots().signInRules, { steps });
      await browser.post(AUTHENTICATOR_STEP, { csrf, code: app.code(), 'remember-device': 'on' });
      assert.equal(asked.times, 2);
      assert.equal((await browser.get('/api/session')).status, 401);
      assert.deepEqual(await rowsOf(system), []);
      assert.equal(browser.cookies.get(COOKIE), undefined);
    }, engine));

  it('A39 A11 is not remembered when the factors are removed and set up again', () =>
    withRemembered(async ({ system, browser }) => {
      const id = await existingAccountId(system, ADA.username);
      await usersOf(system).resetFactors(id, { by: 'support', reason: 'called back' });
      assert.deepEqual(await rowsOf(system), []);
      const ada = system.visitor();
      await signInAs(ada);
      await setUpAuthenticator(system, ada);
      assert.equal((await signIn(browser)).location, FACTOR_STEP);
    }, engine));

  it('A69 A39 is not made by a row that was written without SECRET_KEY, or moved to another account', () =>
    withRemembered(async ({ system, browser }) => {
      const { queries } = reachInside(system, 'the attacker writes to the database').core.database;
      const [row] = await rowsOf(system);
      assert.ok(row !== undefined);
      const changes = [{ expires_at: row.expires_at + DAY }, { created_at: row.created_at + 1 }];
      for (const change of changes) {
        await queries.updateTable('remembered_devices').set(change).execute();
        assert.equal((await signIn(browser)).location, FACTOR_STEP, JSON.stringify(change));
        const { expires_at, created_at } = row;
        await queries.updateTable('remembered_devices').set({ expires_at, created_at }).execute();
      }
      assert.equal((await signIn(browser)).location, '/dashboard');
      system.clock.advance(MINUTE);
    }, engine));
});
