import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  disableAccount,
  existingAccountId,
  reachInside,
  shareCookies,
  sharedEngines,
  startTwoNodes,
} from '../kit/system.ts';
import { ADA, BEN } from '../kit/visitor.ts';

const SESSION = 'latchkey';

for (const engine of sharedEngines) {
  describe(`two nodes on one database (${engine.name})`, () => {
    it('act as one site for a browser that alternates between them', async () => {
      await using nodes = await startTwoNodes(engine);
      const ada = nodes.visitor();
      // The form comes from one node, with its token, and goes to the other; so does every following page.
      assert.equal((await ada.register(ADA.username, ADA.password)).status, 303);
      assert.match((await ada.get('/login')).body, /class="flash success"/, 'the message crosses, too');
      assert.equal((await ada.signIn(ADA.username, ADA.password)).location, '/dashboard');
      for (const _ of [1, 2]) assert.match((await ada.get('/dashboard')).body, /<bdi>Ada<\/bdi>/);
      assert.equal((await ada.signOut()).status, 303);
      for (const _ of [1, 2])
        assert.equal((await ada.get('/dashboard')).location?.startsWith('/login'), true);
    });

    it('A10: refuse at the next request a session that was ended on the other node', async () => {
      await using nodes = await startTwoNodes(engine);
      const here = nodes.one.visitor();
      await here.register(ADA.username, ADA.password);
      await here.signIn(ADA.username, ADA.password);
      const there = shareCookies(here, nodes.other);
      assert.match((await there.get('/api/session')).body, /"username":"Ada"/);
      assert.equal((await here.signOut()).status, 303);
      assert.equal((await there.get('/api/session')).status, 401);
    });

    it('A12: refuse at the next request a user who was disabled on the other node', async () => {
      await using nodes = await startTwoNodes(engine);
      const ada = nodes.other.visitor();
      await ada.register(ADA.username, ADA.password);
      await ada.signIn(ADA.username, ADA.password);
      await disableAccount(nodes.one, ADA.username);
      assert.equal((await ada.get('/api/session')).status, 401);
      assert.equal((await nodes.other.visitor().signIn(ADA.username, ADA.password)).status, 401);
    });

    it('A12: refuse at the next request a user who deleted the account on the other node, and let them restore it', async () => {
      await using nodes = await startTwoNodes(engine);
      const here = nodes.one.visitor();
      await here.register(ADA.username, ADA.password);
      await here.signIn(ADA.username, ADA.password);
      const there = shareCookies(here, nodes.other);
      assert.equal((await here.submit('/account/delete', {})).status, 303);
      assert.equal((await there.get('/api/session')).status, 401);
      assert.equal((await there.signIn(ADA.username, ADA.password)).status, 303);
      assert.match((await there.get('/dashboard')).body, /will not be deleted/);
    });

    it('A11: refuse at the next request another session of a user who changed the password on the other node', async () => {
      await using nodes = await startTwoNodes(engine);
      const here = nodes.one.visitor();
      await here.register(ADA.username, ADA.password);
      const there = nodes.other.visitor();
      for (const browser of [here, there]) await browser.signIn(ADA.username, ADA.password);
      const changed = await here.submit('/account/password', { 'new-password': BEN.password });
      assert.equal(changed.location, '/account');
      assert.equal((await there.get('/api/session')).status, 401);
      assert.equal((await shareCookies(here, nodes.other).get('/api/session')).status, 200);
    });

    it('A12: keep no session of a user who is disabled on one node while signing in on both', async () => {
      await using nodes = await startTwoNodes(engine);
      const { lifecycle } = reachInside(
        nodes.one,
        'the race allows no look-up before the account is disabled',
      ).core;
      await nodes.visitor().register(ADA.username, ADA.password);
      const id = await existingAccountId(nodes.one, ADA.username);
      const browsers = Array.from({ length: 20 }, nodes.visitor);
      // As soon as the first of them is signed in, the account is disabled, while the others are on their way.
      const attempts = browsers.map((browser) => browser.signIn(ADA.username, ADA.password));
      await Promise.any(attempts);
      const [isDisabled] = await Promise.all([
        lifecycle.disable(id, { now: nodes.one.clock.read() }),
        ...attempts,
      ]);
      assert.equal(isDisabled, true);
      for (const browser of browsers) assert.equal((await browser.get('/api/session')).status, 401);
    });

    it('A15: give a username to one of twenty visitors who ask both nodes for it at once', async () => {
      await using nodes = await startTwoNodes(engine);
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => nodes.visitor().register(ADA.username, ADA.password)),
      );
      assert.equal(answers.filter(({ status }) => status === 303).length, 1);
      assert.equal(answers.filter(({ status }) => status === 422).length, 19);
      assert.equal((await nodes.visitor().signIn(ADA.username, ADA.password)).status, 303);
    });

    it('begin a session for each of ten browsers that sign in as one user on both nodes at once', async () => {
      await using nodes = await startTwoNodes(engine);
      await nodes.visitor().register(ADA.username, ADA.password);
      const browsers = Array.from({ length: 10 }, nodes.visitor);
      await Promise.all(browsers.map((browser) => browser.signIn(ADA.username, ADA.password)));
      const tokens = new Set(browsers.map(({ cookies }) => cookies.get(SESSION)));
      assert.equal(tokens.size, 10);
      const answers = await Promise.all(browsers.map((browser) => browser.get('/api/session')));
      for (const { body } of answers) assert.match(body, /"username":"Ada"/);
    });

    it('A09: end the previous session of a browser that signs in again on both nodes at once', async () => {
      await using nodes = await startTwoNodes(engine);
      const browser = nodes.one.visitor();
      await browser.register(ADA.username, ADA.password);
      await browser.register(BEN.username, BEN.password);
      await browser.signIn(ADA.username, ADA.password);
      const old = String(browser.cookies.get(SESSION));
      const csrf = await browser.token('/dashboard');
      const there = shareCookies(browser, nodes.other);
      const answers = await Promise.all([browser, there].map((tab) => tab.post('/login', { csrf, ...BEN })));
      assert.ok(answers.some(({ status }) => status === 303));
      for (const node of [nodes.one, nodes.other]) {
        const replayed = node.visitor();
        replayed.cookies.set(SESSION, old);
        assert.equal((await replayed.get('/api/session')).status, 401);
      }
    });
  });
}
