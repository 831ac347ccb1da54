import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HOUR, MINUTE } from '../../src/platform/runtime/clock.ts';
import { until } from '../kit/clock.ts';
import { ADDRESS, OPTIONAL, openAndReset, requestResetPath } from '../kit/mailed-links.ts';
import { startSystem, type TestSystem } from '../kit/system.ts';
import { onEveryCounterStore, times } from '../kit/throttling.ts';
import {
  ADA,
  type Answer,
  BEN,
  NEW_PASSWORD,
  newAddress,
  type Visitor,
  WRONG_PASSWORD,
} from '../kit/visitor.ts';

const MALLORY = { username: 'Mallory', password: 'eleven green lamps at noon' } as const;

async function registered(
  system: TestSystem,
  ...users: readonly (typeof ADA | typeof BEN | typeof MALLORY)[]
) {
  for (const { username, password } of users)
    await system.visitorFrom(newAddress()).register(username, password);
}

async function knownBrowser(system: TestSystem, { username, password }: typeof ADA | typeof MALLORY) {
  const visitor = system.visitorFrom(newAddress());
  assert.equal((await visitor.signIn(username, password)).status, 303);
  visitor.cookies.delete('latchkey');
  return visitor;
}

/** Forms of one browser that were all rendered before. */
async function flood(visitor: Visitor, count: number, { username, password }: typeof ADA | typeof MALLORY) {
  // Each request has a form of its own: an equal one would get the first response.
  const sends: (() => Promise<Answer>)[] = [];
  for (let number = 0; number < count; number += 1) {
    const csrf = await visitor.token('/login');
    sends.push(() => visitor.post('/login', { csrf, username, password }));
  }
  return sends;
}

describe('the hashing queue', () => {
  it('A63 I16 serves unknown browsers and a registration while a known browser floods it with right passwords', async () => {
    await using system = await startSystem();
    await registered(system, ADA, MALLORY);
    const mallory = await knownBrowser(system, MALLORY);
    const sends = await flood(mallory, 25, MALLORY);
    const unknownBrowser = system.visitorFrom(newAddress());
    const newUser = system.visitorFrom(newAddress());
    const login = await unknownBrowser.token('/login');
    const form = await newUser.token('/register');
    const { release } = system.hasher.holdThreads();
    const note = async (who: string, answer: Promise<Answer>) => {
      assert.equal((await answer).status, 303, who);
    };
    const all = sends.map((send) => note('Mallory', send()));
    await until('the flood waits', () => system.hasher.load().waiting === 8);
    assert.equal(system.hasher.load().running, 2, 'of one account two hashes are under way');
    all.push(note('Ada', unknownBrowser.post('/login', { csrf: login, ...ADA })));
    all.push(note('Ben', newUser.post('/register', { csrf: form, ...BEN })));
    await until('they have a place at once', () => system.hasher.load().running === 4);
    release();
    await Promise.all(all);
  });

  it('A07 A63 has a slot for a known browser while one client signs in to seventy accounts of its own', async () => {
    await using system = await startSystem();
    const ada = system.visitorFrom(newAddress());
    await ada.register(ADA.username, ADA.password);
    const csrf = await ada.token('/login');
    const address = newAddress();
    const bots = Array.from({ length: 70 }, () => system.visitorFrom(address));
    const sends = [];
    for (const [number, bot] of bots.entries()) {
      const username = `robot-${number}`;
      assert.equal((await bot.register(username, MALLORY.password)).status, 303);
      const token = await bot.token('/login');
      sends.push(() => bot.post('/login', { csrf: token, username, password: MALLORY.password }));
    }
    const { release } = system.hasher.holdThreads();
    const flooding = sends.map((send) => send());
    await until('the line is full', () => system.hasher.load().waiting === 62);
    const answer = ada.post('/login', { csrf, ...ADA });
    assert.ok((await Promise.race(flooding)).status === 503, 'one of the client gives place');
    release();
    assert.equal((await answer).status, 303);
    await Promise.all(flooding);
  });

  it('A63 has a slot for a known browser that signs in by JSON while unknown browsers fill it', async () => {
    await using system = await startSystem();
    const ada = system.visitorFrom(newAddress());
    await ada.register(ADA.username, ADA.password);
    const unknownBrowsers = Array.from({ length: 80 }, () => system.visitorFrom(newAddress()));
    const { release } = system.hasher.holdThreads();
    const signIn = (visitor: Visitor, username: string) =>
      visitor.postJson('/api/login', { username, password: ADA.password });
    const flooding = unknownBrowsers.map((visitor, number) => signIn(visitor, `unknown-${number}`));
    await until('the queue is full', () => system.hasher.load().waiting === 62);
    const answer = signIn(ada, ADA.username);
    assert.ok((await Promise.race(flooding)).status === 503, 'the queue is full for unknown browsers');
    release();
    assert.equal((await answer).status, 200);
    await Promise.all(flooding);
  });

  it('A63 is not bypassed at the registration form by a device cookie, which every visitor can get there', async () => {
    await using system = await startSystem();
    const bot = system.visitorFrom(newAddress());
    assert.equal((await bot.register('robot', BEN.password)).status, 303);
    assert.ok(bot.cookies.has('latchkey-device'));
    const csrf = await bot.token('/register');
    const unknownBrowsers = Array.from({ length: 80 }, () => system.visitorFrom(newAddress()));
    const tokens = await Promise.all(unknownBrowsers.map((unknownBrowser) => unknownBrowser.token('/login')));
    const { release } = system.hasher.holdThreads();
    const flooding = unknownBrowsers.map((unknownBrowser, number) =>
      unknownBrowser.post('/login', {
        csrf: String(tokens[number]),
        username: `nobody-${number}`,
        password: WRONG_PASSWORD,
      }),
    );
    await until('the queue is full', () => system.hasher.load().waiting === 62);
    const answer = await bot.post('/register', { csrf, username: 'other', password: '' });
    release();
    await Promise.all(flooding);
    assert.equal(answer.status, 503);
  });
});

onEveryCounterStore('right passwords', (start) => {
  it('A63 I16 are limited for one account and address, and a refusal costs no hash', async () => {
    await using system = await start();
    await registered(system, ADA, MALLORY);
    const mallory = await knownBrowser(system, MALLORY);
    const sends = await flood(mallory, 48, MALLORY);
    const answers = await Promise.all(sends.map((send) => send()));
    const statuses = answers.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [...times(29, 303), ...times(19, 429)], 'one came before');
    const refused = answers.find(({ status }) => status === 429);
    assert.equal(refused?.headers.get('retry-after'), '600');
    assert.match(String(refused?.body), /Please try again in 10 minutes\./);
    assert.equal(system.hasher.counts.verifications, 30);
    assert.equal((await system.visitorFrom(newAddress()).signIn(ADA.username, ADA.password)).status, 303);
    system.clock.advance(10 * MINUTE);
    mallory.cookies.delete('latchkey');
    assert.equal((await mallory.signIn(MALLORY.username, MALLORY.password)).status, 303);
  });

  it('A63 are limited for one account from all addresses, and a wrong password does not reveal that limit', async () => {
    await using system = await start();
    await registered(system, MALLORY);
    const attempt = (password: string) => system.visitorFrom(newAddress()).signIn(MALLORY.username, password);
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(Array.from({ length: 5 }, () => attempt(MALLORY.password)));
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [303]);
    }
    assert.equal((await attempt(WRONG_PASSWORD)).status, 401);
    const refused = await attempt(MALLORY.password);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '3600']);
    system.clock.advance(HOUR);
    assert.equal((await attempt(MALLORY.password)).status, 303);
  });

  it('A07 A63 still work for the owner in a known browser, and in any browser after a reset, when an attacker signs in too often', async () => {
    await using system = await start(OPTIONAL);
    const ada = system.visitorFrom(newAddress());
    await ada.register(ADA.username, ADA.password, ADDRESS);
    await ada.signIn(ADA.username, ADA.password);
    ada.cookies.delete('latchkey');
    const attackers = Array.from({ length: 4 }, () => newAddress());
    const attempts = attackers.flatMap((from) =>
      Array.from({ length: 30 }, () => system.visitorFrom(from).signIn(ADA.username, ADA.password)),
    );
    const statuses = (await Promise.all(attempts)).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 303).length, 100);
    const elsewhere = system.visitorFrom(newAddress());
    assert.equal((await elsewhere.signIn(ADA.username, ADA.password)).status, 429);
    assert.equal((await ada.signIn(ADA.username, ADA.password)).status, 303);
    await openAndReset(system.visitorFrom(newAddress()), await requestResetPath(system), NEW_PASSWORD);
    assert.equal((await elsewhere.signIn(ADA.username, NEW_PASSWORD)).status, 303);
    assert.equal(
      (await system.visitorFrom(attackers[0] ?? newAddress()).signIn(ADA.username, NEW_PASSWORD)).status,
      303,
    );
  });

  it('A63 are not used up by wrong passwords for the account', async () => {
    await using system = await start();
    await registered(system, ADA);
    const ada = await knownBrowser(system, ADA);
    for (let number = 0; number < 9; number += 1)
      assert.equal((await ada.signIn(ADA.username, WRONG_PASSWORD)).status, 401);
    const sends = await flood(ada, 29, ADA);
    const answers = await Promise.all(sends.map((send) => send()));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [303]);
  });

  it('A63 are limited for a signed-in user, also when the session is the proof', async () => {
    await using system = await start();
    await registered(system, ADA);
    const ada = system.visitorFrom(newAddress());
    await ada.signIn(ADA.username, ADA.password);
    const change = async (current: string, chosen: string) =>
      (await ada.submit('/account/password', { 'current-password': current, 'new-password': chosen })).status;
    const chosen = (number: number) => (number === 0 ? ADA.password : `${ADA.password} ${number}`);
    const statuses: number[] = [];
    for (let number = 0; number < 31; number += 1)
      statuses.push(await change(number === 0 ? '' : chosen(number), chosen(number + 1)));
    assert.deepEqual(statuses, [...times(30, 303), 429], 'whatever password it is');
  });
});
