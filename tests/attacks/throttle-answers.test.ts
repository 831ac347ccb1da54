import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HOUR, MINUTE } from '../../src/platform/runtime/clock.ts';
import { existingDatabase, onEveryDatabase } from '../kit/databases.ts';
import { eventsOf, settleRequests, startSystem, type TestSystem } from '../kit/system.ts';
import { exhaustAttempts, guess, onEveryCounterStore, solve, solveProofOfWork } from '../kit/throttling.ts';
import {
  ADA,
  type Answer,
  newAddress,
  newNetwork,
  registerAndSignIn,
  type Visitor,
  WRONG_PASSWORD,
} from '../kit/visitor.ts';

/** Everything in a response that can distinguish two names, without what is random in every response. */
function comparable({ status, headers, body }: Answer, name: string): string {
  const shown = body
    .replaceAll(name, 'NAME')
    .replace(/name="csrf" value="[^"]+"/, 'TOKEN')
    .replace(/data-challenge="[^"]+"/, 'CHALLENGE');
  const kept = [...headers].map(([header, value]) => (header === 'set-cookie' ? header : [header, value]));
  return JSON.stringify([status, kept, shown]);
}

describe('an attempt beyond the limit', () => {
  it('is answered with the time to wait, in the page for users and in headers for API clients', async () => {
    await using system = await startSystem();
    const { last } = await exhaustAttempts(system, 'nobody');
    assert.equal(last.headers.get('retry-after'), '900');
    assert.equal(last.headers.get('ratelimit'), '"account-and-address";r=0;t=900');
    assert.equal(last.headers.get('ratelimit-policy'), '"account-and-address";q=5;w=900');
    assert.match(last.body, /Too many attempts\. Please try again in 15 minutes\./);
    assert.match(last.body, /<title>Error: Sign in/);
    assert.match(last.body, /name="username"[^>]* value="nobody"/, 'what was typed is kept');
    assert.doesNotMatch(last.body, new RegExp(WRONG_PASSWORD));
  });

  it('is answered with the longest of the waits if several limits refuse it', async () => {
    await using system = await startSystem();
    const address = newAddress();
    for (let attempt = 0; attempt < 5; attempt += 1) await guess(system, 'nobody', address);
    for (let attempt = 0; attempt < 5; attempt += 1) await guess(system, 'nobody');
    assert.equal((await guess(system, 'nobody')).headers.get('retry-after'), '30', 'for the name alone');
    const both = await guess(system, 'nobody', address);
    assert.equal(both.headers.get('retry-after'), '900');
    assert.match(both.body, /Please try again in 15 minutes\./);
  });

  it('A01: is answered alike, and without a hash, whether or not the account exists', async () => {
    await using system = await startSystem();
    await system.visitor().register(ADA.username, ADA.password);
    const known = await exhaustAttempts(system, ADA.username);
    const unknown = await exhaustAttempts(system, 'Bob');
    assert.equal(comparable(known.last, 'Ada'), comparable(unknown.last, 'Bob'));
    const hashes = system.hasher.counts.verifications;
    for (const { visitor } of [known, unknown]) {
      assert.equal(
        (await visitor.signIn(ADA.username, WRONG_PASSWORD)).status,
        visitor === known.visitor ? 429 : 401,
      );
    }
    assert.equal(system.hasher.counts.verifications, hashes + 1);
  });

  it('A08: is refused under every spelling of the path', async () => {
    await using system = await startSystem();
    const { visitor } = await exhaustAttempts(system, 'nobody');
    for (const path of ['//login', '/LOGIN', '/login/', '/%6cogin', '/login;x', '/./login']) {
      const csrf = await visitor.token('/login');
      const answer = await visitor.post(path, { csrf, username: 'nobody', password: WRONG_PASSWORD });
      assert.ok([404, 421, 429].includes(answer.status), `${path}: ${answer.status}`);
    }
  });

  it('is logged once for each wait, however many attempts follow', async () => {
    await using system = await startSystem();
    await exhaustAttempts(system, 'nobody');
    const address = newAddress();
    for (let attempt = 0; attempt < 20; attempt += 1) await guess(system, 'somebody', address);
    const reported = system.logLines.filter((line) => line.includes('"event":"throttled"'));
    assert.equal(reported.length, 2);
    assert.equal(
      system.events.filter(({ type }) => type === 'throttled').length,
      1 + 15,
      'metrics count all',
    );
  });
});

const attemptWith = (visitor: Visitor, altcha: string | null, password: string = WRONG_PASSWORD) =>
  visitor.submit('/login', { ...ADA, password, ...(altcha !== null && { altcha }) });

describe('a solved proof of work', () => {
  it('replaces the wait once', async () => {
    await using system = await startSystem();
    await system.visitor().register(ADA.username, ADA.password);
    const { visitor, last } = await exhaustAttempts(system, ADA.username);
    const solution = await solveProofOfWork(last);
    assert.ok(solution);
    const again = await attemptWith(visitor, solution);
    assert.equal(again.status, 401, 'it was compared');
    const replayed = await attemptWith(visitor, solution);
    assert.equal(replayed.status, 429, 'used up');
    const attacker = await exhaustAttempts(system, ADA.username);
    assert.equal((await attemptWith(attacker.visitor, solution)).status, 429, 'elsewhere, too');
    assert.equal((await attemptWith(visitor, await solveProofOfWork(replayed), ADA.password)).status, 303);
  });

  it('replaces the wait of an API client, which finds the challenge in the problem', async () => {
    await using system = await startSystem();
    await system.visitor().register(ADA.username, ADA.password);
    const { visitor } = await exhaustAttempts(system, ADA.username);
    const wrong = { username: ADA.username, password: WRONG_PASSWORD };
    const refused = await visitor.postJson('/api/login', wrong);
    assert.equal(refused.status, 429);
    const altcha = await solve(JSON.parse(refused.body).challenge);
    assert.equal((await visitor.postJson('/api/login', { ...wrong, altcha })).status, 401, 'it was compared');
    const replayed = await visitor.postJson('/api/login', { ...wrong, altcha });
    assert.deepEqual([replayed.status, JSON.parse(replayed.body).challenge === null], [429, false]);
  });

  it('is used up for as long as it would be valid', async () => {
    await using system = await startSystem();
    const { visitor, last } = await exhaustAttempts(system, ADA.username);
    const solution = await solveProofOfWork(last);
    assert.equal((await attemptWith(visitor, solution)).status, 401);
    for (const minutes of [1, 4, 5]) {
      system.clock.advance(minutes * MINUTE);
      assert.equal((await attemptWith(visitor, solution)).status, 429);
    }
  });
});

onEveryCounterStore('a proof of work', (start) => {
  it('allows ten more attempts from one address, and no more', async () => {
    await using system = await start();
    await system.visitor().register(ADA.username, ADA.password);
    let { visitor, last } = await exhaustAttempts(system, ADA.username);
    for (let attempt = 0; attempt < 10; attempt += 1) {
      assert.equal((await attemptWith(visitor, await solveProofOfWork(last))).status, 401);
      last = await attemptWith(visitor, null);
    }
    const refused = await attemptWith(visitor, await solveProofOfWork(last));
    assert.equal(refused.status, 429);
    assert.equal(await solveProofOfWork(refused), null, 'and none is asked for');
  });
});

describe('an invalid proof of work', () => {
  it('is refused when it is invented, too cheap, expired or from another server', async () => {
    await using system = await startSystem();
    await using elsewhere = await startSystem({ secretKey: 'x'.repeat(20) + Math.PI });
    const { visitor, last } = await exhaustAttempts(system, ADA.username);
    const solution = JSON.parse(Buffer.from((await solveProofOfWork(last)) ?? '', 'base64').toString());
    const foreign = await solveProofOfWork((await exhaustAttempts(elsewhere, ADA.username)).last);
    const { challenge } = solution;
    const cheaper = { ...challenge, parameters: { ...challenge.parameters, cost: 1 } };
    const easier = { ...challenge, parameters: { ...challenge.parameters, keyPrefix: '' } };
    const made = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');
    const fakes = [
      'x',
      made(null),
      made({ ...solution, solution: { counter: 1, derivedKey: '00'.repeat(32) } }),
      made({ ...solution, challenge: cheaper }),
      made({ ...solution, challenge: easier }),
      made({ ...solution, challenge: { ...challenge, signature: '' } }),
      'A'.repeat(5_000),
      foreign ?? '',
    ];
    const attempt = (altcha: string) =>
      visitor.submit('/login', { ...ADA, password: WRONG_PASSWORD, altcha });
    for (const fake of fakes) assert.equal((await attempt(fake)).status, 429, fake.slice(0, 40));
    system.clock.advance(10 * MINUTE + 1);
    assert.equal((await attempt(made(solution))).status, 429, 'too old');
  });
});

onEveryDatabase('many wrong passwords in a row', (engine) => {
  it('I14: in unknown browsers disable the password there after ninety, also after a restart, and leave ten more attempts to a browser that the account knows', async () => {
    await using database = await engine.create();
    const shared = existingDatabase(database.url);
    const ada = await (async () => {
      await using system = await startSystem({}, shared);
      const visitor = await registerAndSignIn(system.visitor());
      for (let number = 0; number < 50; number += 1) await guessLater(system);
      return visitor.cookies.get('latchkey-device') ?? '';
    })();
    await using system = await startSystem({}, shared);
    system.clock.advance(100 * HOUR);
    for (let number = 0; number < 45; number += 1) await guessLater(system);
    await settleRequests(system);
    assert.equal(eventsOf(system, 'password-disabled').length, 1);
    system.clock.advance(100 * HOUR);
    const hashes = system.hasher.counts.verifications;
    const attacker = system.visitorFrom(newAddress());
    assert.equal((await attacker.signIn(ADA.username, ADA.password)).status, 401);
    assert.equal(system.hasher.counts.verifications, hashes + 1, 'which costs what it always costs');
    const owner = system.visitorFrom(newAddress());
    owner.cookies.set('latchkey-device', ada);
    for (let number = 0; number < 9; number += 1) await mistype(system, owner);
    assert.equal((await owner.signIn(ADA.username, ADA.password)).location, '/dashboard');
    await owner.signOut();
    for (let number = 0; number < 100; number += 1) await mistype(system, owner);
    system.clock.advance(2 * HOUR);
    assert.equal((await owner.signIn(ADA.username, ADA.password)).status, 401, 'a hundred are the end');
  });

  it('are counted from the last right password on', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(ADA.username, ADA.password);
    for (let number = 0; number < 89; number += 1) await guessLater(system);
    system.clock.advance(2 * HOUR);
    assert.equal((await system.visitorFrom(newAddress()).signIn(ADA.username, ADA.password)).status, 303);
    await guessLater(system);
    system.clock.advance(2 * HOUR);
    assert.equal((await system.visitorFrom(newAddress()).signIn(ADA.username, ADA.password)).status, 303);
  });
});

/** The user of a known browser mistypes the password when no wait is left. */
async function mistype(system: TestSystem, visitor: Visitor): Promise<void> {
  system.clock.advance(2 * HOUR);
  assert.equal((await visitor.signIn(ADA.username, WRONG_PASSWORD)).status, 401);
}

/** A guess while no wait applies. */
async function guessLater(system: TestSystem): Promise<void> {
  system.clock.advance(2 * HOUR);
  assert.equal((await guess(system, ADA.username)).status, 401);
}

describe('a signed-in browser', () => {
  it('A38: is throttled when it guesses the password of its account', async () => {
    await using system = await startSystem();
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    system.clock.advance(HOUR);
    for (let attempt = 0; attempt < 3; attempt += 1)
      assert.equal((await ada.submit('/account/confirm', { password: WRONG_PASSWORD })).status, 401);
    const change = { 'current-password': WRONG_PASSWORD, 'new-password': 'a wholly new set of words' };
    for (let attempt = 0; attempt < 2; attempt += 1)
      assert.equal((await ada.submit('/account/password', change)).status, 401);
    for (const [path, fields] of [
      ['/account/confirm', { password: ADA.password }],
      ['/account/password', { ...change, 'current-password': ADA.password }],
    ] as const) {
      const answer = await ada.submit(path, fields);
      assert.equal(answer.status, 429);
      assert.equal(answer.headers.get('retry-after'), '30');
      assert.match(answer.body, /Too many attempts\. Please try again in 30 seconds\./);
    }
    system.clock.advance(30_000);
    assert.equal((await ada.submit('/account/confirm', { password: ADA.password })).status, 303);
  });
});

onEveryDatabase('registration', (engine) => {
  it('A03: reveals at most thirty taken usernames an hour to one address', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(ADA.username, ADA.password);
    const address = newAddress();
    const attempt = (username: string) => system.visitorFrom(address).register(username, ADA.password);
    for (let number = 0; number < 30; number += 1) {
      assert.equal((await attempt(ADA.username)).status, 422);
      if (number % 10 === 0) assert.equal((await attempt(`new-name-${number}`)).status, 303);
    }
    assert.equal((await attempt(ADA.username)).status, 429);
    assert.equal((await attempt('another-name')).status, 429, 'nor whether a name is free');
    assert.equal((await system.visitorFrom(newAddress()).register(ADA.username, ADA.password)).status, 422);
    system.clock.advance(HOUR);
    assert.equal((await attempt('another-name')).status, 303);
  });

  it('A03: reveals at most 120 taken usernames an hour to one IPv6 network of 48 bits', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(ADA.username, ADA.password);
    const network = newNetwork();
    const attempt = (subnet: number) =>
      system.visitorFrom(`${network}:${subnet.toString(16)}::1`).register(ADA.username, ADA.password);
    for (let number = 0; number < 120; number += 1) assert.equal((await attempt(number >> 1)).status, 422);
    assert.equal((await attempt(60)).status, 429);
    assert.equal((await system.visitorFrom(`${newNetwork()}::1`).register('Ben', ADA.password)).status, 303);
  });
});
