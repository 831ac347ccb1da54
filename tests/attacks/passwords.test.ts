import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createHasher } from '../../src/features/passwords/index.ts';
import { existingDatabase, onEveryDatabase } from '../kit/databases.ts';
import { acceptedPasswords } from '../kit/mailed-links.ts';
import { reachInside, startSystem, storedHashes } from '../kit/system.ts';
import { ADA, changePassword, NEW_PASSWORD, registerAndSignIn } from '../kit/visitor.ts';

onEveryDatabase('a password', (engine) => {
  it('A33: of a megabyte is refused before it is hashed', async () => {
    await using system = await startSystem({}, engine);
    const visitor = system.visitor();
    const huge = 'x'.repeat(1_000_000);
    assert.equal((await visitor.register(ADA.username, huge)).status, 413);
    assert.equal((await visitor.signIn(ADA.username, huge)).status, 413);
    assert.equal((await visitor.register(ADA.username, 'x'.repeat(60_000))).status, 422);
    assert.equal((await visitor.signIn(ADA.username, 'x'.repeat(60_000))).status, 401);
    assert.deepEqual(system.hasher.counts, { hashes: 0, verifications: 0 });
  });

  it('A33: is compared up to its last byte: one that differs at byte 73 or 1,024 is refused', async () => {
    await using system = await startSystem({}, engine);
    const sentence = 'every word of this sentence is here only to make it long, '.repeat(18).slice(0, 1_024);
    await system.visitor().register('long', sentence);
    assert.equal((await system.visitor().signIn('long', `${sentence.slice(0, -1)}#`)).status, 401);
    const at73 = `${sentence.slice(0, 72)}#${sentence.slice(73)}`;
    assert.equal((await system.visitor().signIn('long', at73)).status, 401);
    assert.equal((await system.visitor().signIn('long', sentence)).status, 303);
  });

  it('A33: may be 64 code points of any script', async () => {
    await using system = await startSystem({}, engine);
    const emoji = '🌷🔨🦓🌊🍞🎈🛶🧭🪁🥁🌵🧊🚲🎻🪶🌙'.repeat(4);
    assert.equal([...emoji].length, 64);
    assert.equal((await system.visitor().register('emoji', emoji)).status, 303);
    assert.equal((await system.visitor().signIn('emoji', emoji)).status, 303);
    assert.equal((await system.visitor().signIn('emoji', [...emoji].slice(0, 63).join(''))).status, 401);
  });

  it('A34: keeps its spaces and its case, and is equal in the Unicode forms NFC and NFD', async () => {
    await using system = await startSystem({}, engine);
    const password = ' Caf\u00e9 in the garden ';
    await system.visitor().register(ADA.username, password);
    const others = [
      password.trim(),
      password.toLowerCase(),
      password.trimEnd(),
      ' Cafe in the garden ',
      'Ｃafé',
    ];
    for (const other of others) {
      assert.equal((await system.visitor().signIn(ADA.username, other)).status, 401, other);
    }
    assert.equal((await system.visitor().signIn(ADA.username, password.normalize('NFD'))).status, 303);
    assert.equal((await system.visitor().signIn(ADA.username, password)).status, 303);
  });

  it('A34: keeps a space at its end, which the page that comes next points out', async () => {
    await using system = await startSystem({}, engine);
    const ada = system.visitor();
    const pointedOut = /class="flash notice" role="status">Your new password begins or ends with a space/;
    const registered = `${ADA.password} `;
    await ada.register(ADA.username, registered);
    assert.match((await ada.get('/login')).body, pointedOut);
    assert.doesNotMatch((await ada.get('/login')).body, pointedOut);
    assert.equal((await ada.signIn(ADA.username, registered)).status, 303);
    const spaced = ' five green lanterns float';
    await changePassword(ada, spaced);
    assert.match((await ada.get('/account')).body, pointedOut);
    await changePassword(ada, 'five green lanterns sink', spaced);
    const { body } = await ada.get('/account');
    assert.match(body, /Your password was changed/);
    assert.doesNotMatch(body, pointedOut);
  });

  it('A34: differs from another password that only looks like it', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(ADA.username, 'the ﬁne weather of june');
    assert.equal((await system.visitor().signIn(ADA.username, 'the fine weather of june')).status, 401);
    assert.equal((await system.visitor().signIn(ADA.username, 'the ﬁne weather of june')).status, 303);
  });

  it('is stored as Argon2id in PHC format, with a salt of its own for each account', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register('first', ADA.password);
    await system.visitor().register('second', ADA.password);
    const hashes = await storedHashes(system);
    for (const hash of hashes) {
      assert.match(hash, /^\$argon2id\$v=19\$m=128,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    }
    assert.equal(new Set(hashes).size, 2);
  });

  it('is hashed again at the next sign-in after the parameters were raised', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(ADA.username, ADA.password);
    const stored = async () => {
      const [hash = ''] = await storedHashes(system);
      return hash;
    };
    const weak = createHasher({ memoryKibibytes: 64, passes: 1, lanes: 1 });
    const old = await weak.hash(ADA.password);
    await weak.close();
    const { queries } = reachInside(system, 'a hash as weaker parameters made it').core.database;
    await queries.updateTable('passwords').set({ hash: old }).execute();
    await system.visitor().signIn(ADA.username, 'not her password at all');
    assert.equal(await stored(), old, 'a wrong password changes nothing');
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 303);
    assert.match(await stored(), /m=128,t=2,p=1/);
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 303);
  });

  it('A11: that was changed stays changed when a sign-in with the previous one hashes that again', async () => {
    await using system = await startSystem({}, engine);
    await using other = await startSystem({}, existingDatabase(system.databaseUrl));
    const ada = await registerAndSignIn(other.visitor());
    const { queries } = reachInside(system, 'a hash as weaker parameters made it').core.database;
    const weak = createHasher({ memoryKibibytes: 64, passes: 1, lanes: 1 });
    const hash = await weak.hash(ADA.password);
    await weak.close();
    await queries.updateTable('passwords').set({ hash }).execute();
    const { reached, release } = system.hasher.holdHashes();
    const signingIn = system.visitor().signIn(ADA.username, ADA.password);
    await reached;
    assert.equal((await changePassword(ada)).location, '/account');
    release();
    assert.equal((await signingIn).status, 401);
    assert.deepEqual(await acceptedPasswords(other, [ADA.password, NEW_PASSWORD]), [NEW_PASSWORD]);
  });

  it('that breaks a rule is refused with the reason in plain words, and a short one with the advice to use a passphrase', async () => {
    await using system = await startSystem({ siteName: 'Harbour Library' }, engine);
    const reasons = [
      ['kestrel', /That has 7 characters; use at least 15.*passphrase/],
      ['password12345678', /lists of common and stolen passwords/],
      ['abcabcabcabcabcabc', /repeats one short piece/],
      ['Ada Lovelace 1815', /little more than “Ada Lovelace”/],
      ['harbour-library-1', /little more than “Harbour Library”/],
      ['x'.repeat(1_025), /too long/],
      ['', /Choose a password/],
    ] as const;
    for (const [password, reason] of reasons) {
      const answer = await system.visitor().register('Ada Lovelace', password);
      assert.equal(answer.status, 422, password);
      assert.match(answer.body, reason);
    }
  });
});
