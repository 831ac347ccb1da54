import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { follow, sharedEngines, startTwoNodes } from '../kit/system.ts';
import { ADA, BEN } from '../kit/visitor.ts';

const SESSION = 'latchkey';

for (const engine of sharedEngines) {
  describe(`two nodes on one database (${engine.name})`, () => {
    it('are one site to a browser that asks now one and now the other', async () => {
      await using nodes = await startTwoNodes(engine);
      const ada = nodes.visitor();
      // The form comes from one, with its token, and goes to the other; so does every page after it.
      assert.equal((await ada.register(ADA.username, ADA.password)).status, 303);
      assert.match((await ada.get('/login')).body, /class="flash success"/, 'the message crosses, too');
      assert.equal((await ada.signIn(ADA.username, ADA.password)).location, '/dashboard');
      for (const _ of [1, 2]) assert.match((await ada.get('/dashboard')).body, /<bdi>Ada<\/bdi>/);
      assert.equal((await ada.signOut()).status, 303);
      for (const _ of [1, 2])
        assert.equal((await ada.get('/dashboard')).location?.startsWith('/login'), true);
    });

    it('A10: refuse at the next request a session that has ended on the other', async () => {
      await using nodes = await startTwoNodes(engine);
      const here = nodes.one.visitor();
      await here.register(ADA.username, ADA.password);
      await here.signIn(ADA.username, ADA.password);
      const there = follow(here, nodes.other);
      assert.match((await there.get('/api/session')).body, /"username":"Ada"/);
      assert.equal((await here.signOut()).status, 303);
      assert.equal((await there.get('/api/session')).status, 401);
    });

    it('A12: refuse at the next request whoever was disabled on the other', async () => {
      await using nodes = await startTwoNodes(engine);
      const { accounts, lifecycle } = nodes.one.system.core;
      const ada = nodes.other.visitor();
      await ada.register(ADA.username, ADA.password);
      await ada.signIn(ADA.username, ADA.password);
      await lifecycle.disable(String(await accounts.find(ADA.username)), { now: nodes.one.clock.read() });
      assert.equal((await ada.get('/api/session')).status, 401);
      assert.equal((await nodes.other.visitor().signIn(ADA.username, ADA.password)).status, 401);
    });

    it('A12: refuse at the next request whoever deletes the account on the other, and let them take it back', async () => {
      await using nodes = await startTwoNodes(engine);
      const here = nodes.one.visitor();
      await here.register(ADA.username, ADA.password);
      await here.signIn(ADA.username, ADA.password);
      const there = follow(here, nodes.other);
      assert.equal((await here.submit('/account/delete', {})).status, 303);
      assert.equal((await there.get('/api/session')).status, 401);
      assert.equal((await there.signIn(ADA.username, ADA.password)).status, 303);
      assert.match((await there.get('/dashboard')).body, /will not be deleted/);
    });

    it('A11: refuse at the next request whose password was changed on the other', async () => {
      await using nodes = await startTwoNodes(engine);
      const here = nodes.one.visitor();
      await here.register(ADA.username, ADA.password);
      const there = nodes.other.visitor();
      for (const browser of [here, there]) await browser.signIn(ADA.username, ADA.password);
      const changed = await here.submit('/account/password', { 'new-password': BEN.password });
      assert.equal(changed.location, '/account');
      assert.equal((await there.get('/api/session')).status, 401);
      assert.equal((await follow(here, nodes.other).get('/api/session')).status, 200);
    });

    it('A12: let nobody stay signed in who is disabled on one while signing in on both', async () => {
      await using nodes = await startTwoNodes(engine);
      const { accounts, lifecycle } = nodes.one.system.core;
      await nodes.visitor().register(ADA.username, ADA.password);
      const id = String(await accounts.find(ADA.username));
      const browsers = Array.from({ length: 20 }, nodes.visitor);
      // As soon as the first of them is in, the account is disabled, while the others are on their way.
      const attempts = browsers.map((browser) => browser.signIn(ADA.username, ADA.password));
      await Promise.any(attempts);
      const [isDisabled] = await Promise.all([
        lifecycle.disable(id, { now: nodes.one.clock.read() }),
        ...attempts,
      ]);
      assert.equal(isDisabled, true);
      for (const browser of browsers) assert.equal((await browser.get('/api/session')).status, 401);
    });

    it('A15: give a name to one of twenty who ask both for it at once', async () => {
      await using nodes = await startTwoNodes(engine);
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => nodes.visitor().register(ADA.username, ADA.password)),
      );
      assert.equal(answers.filter(({ status }) => status === 303).length, 1);
      assert.equal(answers.filter(({ status }) => status === 422).length, 19);
      assert.equal((await nodes.visitor().signIn(ADA.username, ADA.password)).status, 303);
    });

    it('begin a session for each of those who sign in as one person on both at once', async () => {
      await using nodes = await startTwoNodes(engine);
      await nodes.visitor().register(ADA.username, ADA.password);
      const browsers = Array.from({ length: 10 }, nodes.visitor);
      await Promise.all(browsers.map((browser) => browser.signIn(ADA.username, ADA.password)));
      const tokens = new Set(browsers.map(({ cookies }) => cookies.get(SESSION)));
      assert.equal(tokens.size, 10);
      const answers = await Promise.all(browsers.map((browser) => browser.get('/api/session')));
      for (const { body } of answers) assert.match(body, /"username":"Ada"/);
    });

    it('A09: end the session that a browser had, when it signs in anew on both at once', async () => {
      await using nodes = await startTwoNodes(engine);
      const browser = nodes.one.visitor();
      await browser.register(ADA.username, ADA.password);
      await browser.register(BEN.username, BEN.password);
      await browser.signIn(ADA.username, ADA.password);
      const old = String(browser.cookies.get(SESSION));
      const csrf = await browser.token('/dashboard');
      const there = follow(browser, nodes.other);
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
