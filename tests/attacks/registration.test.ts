import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import { reachInside, startSystem, storedHashes, type TestSystem } from '../kit/system.ts';
import { ADA, BEN } from '../kit/visitor.ts';

async function accountsOf(system: TestSystem) {
  const { queries } = reachInside(system, 'no page lists accounts').core.database;
  return queries.selectFrom('accounts').select(['username', 'email']).execute();
}

onEveryDatabase('registration', (engine) => {
  it('A54: gives a username to exactly one of twenty simultaneous requests, and reports it as taken to the others', async () => {
    await using system = await startSystem({}, engine);
    const spellings = ['Ada Lovelace', 'ada lovelace', 'ADA LOVELACE', 'Ａｄａ Lovelace', ' Ada Lovelace '];
    const visitors = Array.from({ length: 20 }, (_, number) => ({
      visitor: system.visitor(),
      username: spellings[number % spellings.length] ?? '',
    }));
    const tokens = await Promise.all(visitors.map(({ visitor }) => visitor.token('/register')));
    const answers = await Promise.all(
      visitors.map(({ visitor, username }, number) =>
        visitor.post('/register', { csrf: String(tokens[number]), username, password: ADA.password }),
      ),
    );
    assert.equal(answers.filter(({ status }) => status === 303).length, 1);
    const refused = answers.filter(({ status }) => status === 422);
    assert.equal(refused.length, 19);
    for (const { body } of refused) assert.match(body, /This username is already taken/);
    assert.equal((await accountsOf(system)).length, 1);
    assert.equal((await storedHashes(system)).length, 1, 'nothing half-made is left behind');
  });

  it('A54: gives an email address to exactly one of twenty simultaneous requests', async () => {
    await using system = await startSystem({}, engine);
    const attempts = Array.from({ length: 20 }, (_, number) => ({
      username: `Person ${number}`,
      email: number % 2 === 0 ? 'Someone@Example.org' : 'someone@example.ORG',
    }));
    const answers = await Promise.all(
      attempts.map(({ username, email }) => system.visitor().register(username, ADA.password, email)),
    );
    assert.equal(answers.filter(({ status }) => status === 303).length, 1);
    for (const { body } of answers.filter(({ status }) => status === 422)) {
      assert.match(body, /There is already an account with this address/);
    }
    assert.equal((await accountsOf(system)).length, 1);
  });

  it('A54: is refused while it is closed', async () => {
    await using system = await startSystem({ registration: 'closed' }, engine);
    const visitor = system.visitor();
    const page = await visitor.get('/register');
    assert.equal(page.status, 403);
    assert.match(page.body, /Registration is closed/);
    const csrf = await visitor.token('/login');
    assert.equal((await visitor.post('/register', { csrf, ...ADA })).status, 403);
    assert.doesNotMatch((await visitor.get('/login')).body, /\/register/);
    assert.equal((await accountsOf(system)).length, 0);
  });

  it('A31: rejects a username that looks like another, whose owner may sign in with any width or case', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register('paypal', ADA.password);
    await system.visitor().register('Straße', ADA.password);
    await system.visitor().register('fish', ADA.password);
    const twins = [
      'PayPal',
      'раураl',
      'ｐａｙｐａｌ',
      'pаypal',
      'pay\u200dpal',
      'STRASSE',
      'strasse',
      'ﬁsh',
      'FISH ',
    ];
    for (const twin of twins) {
      assert.equal((await system.visitor().register(twin, BEN.password)).status, 422, twin);
    }
    assert.equal((await accountsOf(system)).length, 3);
    for (const typed of ['PAYPAL', ' paypal ', 'ｐａｙｐａｌ', 'STRASSE', 'ﬁsh']) {
      assert.equal((await system.visitor().signIn(typed, ADA.password)).status, 303, typed);
    }
  });

  it('A31: stores the username and the local part of the address as they were typed', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(' Ada ', ADA.password, ' Ada.L+x@Example.ORG ');
    const [{ username, email } = { username: '', email: '' }] = await accountsOf(system);
    assert.deepEqual([username, email], ['Ada', 'Ada.L+x@example.org']);
    assert.equal((await system.visitor().signIn('ada.l+x@EXAMPLE.org', ADA.password)).status, 303);
  });

  it('A32: answers an invalid username or address with 422 and a problem beside the field', async () => {
    await using system = await startSystem({}, engine);
    const names = [
      '',
      'ab',
      'a@b.c',
      'ad\0a',
      'ada\r\nBcc: x',
      'x'.repeat(65),
      '\u202eada',
      '<b>ada</b>',
      'ada&co',
      'a/../b',
    ];
    for (const username of names) {
      const answer = await system.visitor().register(username, ADA.password);
      assert.equal(answer.status, 422, JSON.stringify(username));
      assert.match(answer.body, /id="username-problem"/);
      assert.match(answer.body, /id="username"[^>]*aria-invalid="true"/);
    }
    const addresses = [
      'a@x,b@y.org',
      '"e@evil.org"@ok.org',
      'a@x.org\r\nBcc: b@y.org',
      'a\0@x.org',
      `${'a'.repeat(320)}@x.org`,
    ];
    for (const email of addresses) {
      const answer = await system.visitor().register(ADA.username, ADA.password, email);
      assert.equal(answer.status, 422, JSON.stringify(email));
      assert.match(answer.body, /id="email-problem"/);
    }
    assert.equal((await accountsOf(system)).length, 0);
  });

  it('shows the typed values again when a field is wrong, but never the password', async () => {
    await using system = await startSystem({}, engine);
    const answer = await system.visitor().register('Ada <3', 'short', 'not an address');
    assert.equal(answer.status, 422);
    assert.match(answer.body, /value="Ada &lt;3"/);
    assert.match(answer.body, /value="not an address"/);
    assert.doesNotMatch(answer.body, /"short"/);
    for (const field of ['username', 'email', 'password']) {
      assert.match(answer.body, new RegExp(`aria-describedby="${field}-problem`), field);
    }
    assert.match(answer.body, /<title>Error: Create an account/);
  });
});
