import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { flowOf } from '../../src/platform/web/index.ts';
import { type Engine, onEveryDatabase } from '../kit/databases.ts';
import {
  acme,
  goToProvider,
  identitiesIn,
  redirectTarget,
  returnFromProvider,
  signInWithProvider,
  startTwinProvider,
} from '../kit/federation.ts';
import {
  ADDRESS,
  CONFIRM,
  createInvitation,
  mailsOf,
  newestConfirmation,
  newestLink,
  OPEN,
  OPTIONAL,
  openInvitation,
  REPORT,
  RESET,
  reportPath,
  requestLink,
  requestResetPath,
  SENT,
  startWithAda,
  startWithLinks,
  UNDO,
} from '../kit/mailed-links.ts';
import { startSystem, type TestSystem } from '../kit/system.ts';
import { ADA, BEN, isSignedIn, newestFlow, pathTo, signInAs, tokenIn, type Visitor } from '../kit/visitor.ts';

const BENS_ADDRESS = 'ben@example.net';
const NEW_ONES = ['four grey herons on a pier', 'two slow trains through fog'] as const;

/** Opens the link of a mail, follows its redirect, and returns the page. */
async function open(visitor: Visitor, path: string): Promise<string> {
  const { body } = await visitor.get(String((await visitor.get(path)).location));
  return body;
}

/** Ada and Ben have accounts with an address each. */
async function startWithBoth(engine: Engine, options = OPTIONAL): Promise<TestSystem> {
  const system = await startWithAda(engine, options);
  await system.visitor().register(BEN.username, BEN.password, BENS_ADDRESS);
  return system;
}

async function letsIn(system: TestSystem, username: string, password: string): Promise<boolean> {
  return (await system.visitor().signIn(username, password)).location === '/dashboard';
}

onEveryDatabase('several links that were opened in one browser', (engine) => {
  it('A61 I04 P17 set the passwords of the accounts that their forms were rendered for, in any order', async () => {
    for (const isReversed of [false, true]) {
      await using system = await startWithBoth(engine);
      const browser = system.visitor();
      const forAda = await open(browser, await requestResetPath(system));
      const forBen = await open(browser, await requestResetPath(system, BENS_ADDRESS));
      assert.match(forAda, /the account of Ada/);
      assert.match(forBen, /the account of Ben/);
      const forms = [
        [forAda, NEW_ONES[0]],
        [forBen, NEW_ONES[1]],
      ] as const;
      for (const [page, password] of isReversed ? forms.toReversed() : forms) {
        const answer = await browser.post(RESET, { csrf: tokenIn(page), 'new-password': password });
        assert.deepEqual([answer.status, answer.location], [303, '/login']);
      }
      assert.equal(await letsIn(system, ADA.username, NEW_ONES[0]), true);
      assert.equal(await letsIn(system, BEN.username, NEW_ONES[1]), true);
    }
  });

  it('A61 P17 do not lose a typed password when a link of another kind is opened in another tab', async () => {
    await using system = await startWithBoth(engine);
    const browser = system.visitor();
    const page = await open(browser, await requestResetPath(system));
    await open(browser, (await newestConfirmation(system, BENS_ADDRESS)).path);
    const form = { csrf: tokenIn(page), 'new-password': NEW_ONES[0] };
    assert.equal((await browser.post(RESET, form)).location, '/login');
    assert.equal(await letsIn(system, ADA.username, NEW_ONES[0]), true);
  });

  it('A61 I04 report only the sign-in that the form was rendered for', async () => {
    await using system = await startWithBoth(engine);
    const ada = await signInAs(system.visitor());
    const adasLink = await reportPath(system);
    const ben = await signInAs(system.visitor(), BEN);
    const mails = await mailsOf(system, 'signed-in-from-new-device');
    assert.equal(mails.length, 1, 'the address of Ben is not confirmed');
    const browser = system.visitor();
    const page = await open(browser, adasLink);
    assert.match(page, /the account of Ada/);
    await open(browser, await requestResetPath(system, BENS_ADDRESS));
    assert.equal((await browser.post(REPORT, { csrf: tokenIn(page) })).location, '/login');
    assert.deepEqual([await isSignedIn(ada), await isSignedIn(ben)], [false, true]);
  });

  it('A61 are not used by a form that was rendered for none of them, which is refused', async () => {
    await using system = await startWithBoth(engine);
    const browser = system.visitor();
    await open(browser, await requestResetPath(system));
    const csrf = await browser.token('/login');
    const answer = await browser.post(RESET, { csrf, 'new-password': NEW_ONES[0] });
    assert.equal(answer.status, 404);
    assert.equal(await letsIn(system, ADA.username, ADA.password), true);
  });

  it('A61 are limited to five, and a sixth replaces the oldest', async () => {
    await using system = await startWithBoth(engine);
    const browser = system.visitor();
    const path = await requestResetPath(system);
    const page = await open(browser, path);
    for (let number = 0; number < 5; number += 1)
      await browser.get(`/register?token=${await createInvitation(system)}`);
    const links = [...browser.cookies.keys()].filter((name) => name.startsWith('latchkey-link-'));
    assert.equal(links.length, 5);
    const form = { csrf: tokenIn(page), 'new-password': NEW_ONES[0] };
    const answer = await browser.post(RESET, form);
    assert.equal(answer.status, 404);
    assert.match(answer.body, /Open the link in your email again, in this browser\./);
    const again = tokenIn(await open(browser, path));
    assert.equal((await browser.post(RESET, { ...form, csrf: again })).location, '/login');
  });

  it('A61 are not replaced by links whose token is invalid', async () => {
    await using system = await startWithBoth(engine);
    const browser = system.visitor();
    const csrf = tokenIn(await open(browser, await requestResetPath(system)));
    for (let number = 0; number < 8; number += 1) {
      await browser.get(`/verify-email?token=x${number}`);
      await browser.get(`${RESET}?token=${String(number).repeat(43)}`);
    }
    assert.equal((await browser.post(RESET, { csrf, 'new-password': NEW_ONES[0] })).location, '/login');
  });
});

describe('the email requests that one browser stores', () => {
  it('A61 P09 take less than 2 KB of cookies, whatever is typed', async () => {
    await using system = await startSystem({ magicLink: 'on' });
    const browser = system.visitor();
    const next = `/account?${'a'.repeat(280)}`;
    for (let times = 0; times < 6; times += 1)
      await browser.submit(`/login/link?${new URLSearchParams({ next })}`, {
        username: '名'.repeat(290),
        next,
      });
    const own = [...browser.cookies].filter(([name]) => name.startsWith('latchkey-asked-'));
    assert.ok(own.length > 0);
    const length = own.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    assert.ok(length < 2_000, `${length} characters`);
  });
});

onEveryDatabase('the bare address of a page behind a link', (engine) => {
  it('P16 P26 explains how to continue when it is opened in another browser, and spends no token', async () => {
    await using system = await startWithBoth(engine);
    const browser = system.visitor();
    const shown = String((await browser.get(await requestResetPath(system))).location);
    const other = system.visitor();
    for (const path of [shown, RESET, '/verify-email', UNDO, REPORT, CONFIRM]) {
      const { status, body } = await other.get(path);
      assert.equal(status, 404, path);
      assert.match(body, /Open the link in your email again, in this browser\./, path);
    }
    const csrf = await browser.token(shown);
    const answer = await browser.post(RESET, { csrf, 'new-password': NEW_ONES[0] });
    assert.equal(answer.location, '/login');
  });

  it('P16 explains how to continue a sign-in by mail', async () => {
    await using system = await startWithLinks(engine);
    const { status, body } = await system.visitor().get(OPEN);
    assert.equal(status, 404);
    assert.match(body, /Open the link in your email again, in this browser\./);
  });
});

onEveryDatabase('several sign-ins by mail that were requested in one browser', (engine) => {
  it('A61 K1 each accept their own code and link, in any order', async () => {
    await using system = await startWithLinks(engine);
    const second = 'second@example.org';
    const ben = system.visitor();
    await ben.register(BEN.username, BEN.password, second);
    const confirmation = (await newestConfirmation(system, second)).path;
    await open(ben, confirmation);
    await ben.submit('/verify-email', {});
    const browser = system.visitor();
    await requestLink(system, browser, ADDRESS);
    const forAda = await browser.token(SENT);
    const codeOfAda = (await newestLink(system, ADDRESS)).code;
    await requestLink(system, browser, second);
    const linkOfBen = (await newestLink(system, second)).path;
    const visitor = String(browser.cookies.get('latchkey-visitor'));
    const answer = await browser.post(SENT, { csrf: forAda, code: codeOfAda });
    assert.deepEqual([answer.status, answer.location], [303, '/dashboard']);
    assert.equal(JSON.parse((await browser.get('/api/session')).body).user.username, ADA.username);
    browser.cookies.delete('latchkey');
    browser.cookies.set('latchkey-visitor', visitor);
    const page = await open(browser, linkOfBen);
    assert.equal((await browser.post(OPEN, { csrf: tokenIn(page) })).location, '/dashboard');
    assert.equal(JSON.parse((await browser.get('/api/session')).body).user.username, BEN.username);
  });
});

onEveryDatabase('several sign-ins with a provider that were begun in one browser', (engine) => {
  it('A61 P27 both complete, in either order', async () => {
    for (const isReversed of [false, true]) {
      await using twin = await startTwinProvider();
      await using system = await startSystem(acme(twin), engine);
      const browser = system.visitor();
      const begun = [
        await goToProvider(browser, 'acme', '/account'),
        await goToProvider(browser, 'acme', '/dashboard'),
      ];
      const [first, second] = isReversed ? begun.toReversed() : begun;
      assert.ok(first !== undefined && second !== undefined);
      twin.profile = { sub: 'person-a' };
      const answers = [await returnFromProvider(browser, await twin.signIn(first))];
      answers.push(await returnFromProvider(browser, await twin.signIn(second)));
      assert.deepEqual(answers.map(pathTo), ['/register/connected', '/register/connected']);
      assert.match(String(answers[isReversed ? 1 : 0]?.location), /next=%2Faccount/);
    }
  });

  it('A61 P27 are limited to five, and their cookies stay small', async () => {
    await using twin = await startTwinProvider();
    await using system = await startSystem(acme(twin), engine);
    const browser = system.visitor();
    for (let times = 0; times < 8; times += 1) await goToProvider(browser);
    const own = [...browser.cookies].filter(([name]) => name.startsWith('latchkey-provider-'));
    assert.equal(own.length, 5);
    const length = own.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    assert.ok(length < 500, `${length} characters`);
  });

  it('A61 N01 connect each new account to the identity that its form was rendered for', async () => {
    await using twin = await startTwinProvider();
    await using system = await startSystem(acme(twin), engine);
    const browser = system.visitor();
    const pages: string[] = [];
    const ways: string[] = [];
    for (const sub of ['person-a', 'person-b']) {
      twin.profile = { sub };
      ways.push(String((await signInWithProvider(browser, twin)).location));
    }
    // Both came back before the first form was rendered.
    for (const way of ways) pages.push((await browser.get(way)).body);
    const visitor = String(browser.cookies.get('latchkey-visitor'));
    for (const [index, username] of ['alice', 'bob'].entries()) {
      browser.cookies.delete('latchkey');
      browser.cookies.set('latchkey-visitor', visitor);
      const form = { csrf: tokenIn(String(pages[index])), username };
      assert.equal((await browser.post('/register/connected', form)).location, '/dashboard');
      assert.equal(JSON.parse((await browser.get('/api/session')).body).user.username, username);
    }
    const subjects = (await identitiesIn(system)).map(({ subject }) => subject);
    assert.deepEqual(subjects.toSorted(), ['person-a', 'person-b']);
    assert.equal(newestFlow(browser, 'federated'), undefined);
  });

  it('A61 each keep their own invitation', async () => {
    await using twin = await startTwinProvider();
    await using system = await startSystem(acme(twin, { registration: 'open' }), engine);
    const token = await createInvitation(system, { email: 'invited@example.org' });
    const browser = await openInvitation(system, token);
    const invited = await browser.token(`/register?flow=${flowOf(token)}`);
    const plain = await browser.token('/login');
    const visitor = String(browser.cookies.get('latchkey-visitor'));
    for (const [csrf, isInvited] of [
      [plain, false],
      [invited, true],
    ] as const) {
      twin.profile = { sub: csrf };
      const page = redirectTarget(await browser.post('/oauth/acme', { csrf }));
      const form = await browser.get(
        String((await returnFromProvider(browser, await twin.signIn(page))).location),
      );
      const fields = { csrf: tokenIn(form.body), username: ADA.username, email: 'another@example.org' };
      const { status } = await browser.post('/register/connected', fields);
      assert.equal(status, isInvited ? 422 : 303);
      browser.cookies.delete('latchkey');
      browser.cookies.set('latchkey-visitor', visitor);
    }
  });
});
