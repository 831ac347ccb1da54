import assert from 'node:assert/strict';
import { it } from 'node:test';
import { newToken } from '../../src/platform/crypto/tokens.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';
import { reachInside, type TestSystem } from '../kit/system.ts';
import { guess, onEveryCounterStore, times } from '../kit/throttling.ts';
import {
  ADA,
  BEN,
  changePassword,
  NEW_PASSWORD,
  newAddress,
  newNetwork,
  registerAndSignIn,
  signInAsThief,
  WRONG_PASSWORD,
} from '../kit/visitor.ts';

const unknownUsername = () =>
  `nobody-${newToken()
    .toLowerCase()
    .replaceAll(/[^a-z]/g, 'x')
    .slice(0, 20)}`;

/** The statuses of `count` consecutive attempts. */
async function inTurn<Result extends { readonly status: number }>(
  count: number,
  ask: (number: number) => Promise<Result>,
): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let number = 0; number < count; number += 1) statuses.push((await ask(number)).status);
  return statuses;
}

/** Attackers use up the attempts on an account, each from an address of its own. */
async function useUp(system: TestSystem, username: string): Promise<void> {
  assert.deepEqual(await inTurn(11, () => guess(system, username)), [...times(10, 401), 429]);
}

onEveryCounterStore('guessing passwords', (start) => {
  it('A04: of many users from one address is throttled, even with successful sign-ins in between', async () => {
    await using system = await start();
    await system.visitor().register(ADA.username, ADA.password);
    const address = newAddress();
    const statuses = await inTurn(40, async (number) => {
      if (number % 5 === 4) await system.visitorFrom(address).signIn(ADA.username, ADA.password);
      return guess(system, unknownUsername(), address);
    });
    assert.deepEqual(statuses, [...times(20, 401), ...times(20, 429)], 'twenty different names');
    assert.equal((await guess(system, unknownUsername())).status, 401, 'nobody else is kept out');
  });

  it('A04: of a few users from one address is throttled', async () => {
    await using system = await start();
    const [address, names] = [newAddress(), Array.from({ length: 8 }, unknownUsername)];
    const statuses = await inTurn(32, (number) => guess(system, names[number % 8] ?? '', address));
    assert.deepEqual(statuses, [...times(30, 401), 429, 429]);
  });

  it('A04: of one user from many addresses is throttled', async () => {
    await using system = await start();
    await system.visitor().register(ADA.username, ADA.password);
    await useUp(system, ADA.username);
  });

  it('A04: of many users from many addresses throttles every browser that is not known', async () => {
    await using system = await start();
    await system.visitor().register(ADA.username, ADA.password);
    const ada = system.visitorFrom(newAddress());
    await ada.signIn(ADA.username, ADA.password);
    await ada.signOut();
    const { counters } = reachInside(system, 'a thousand guesses take too long').core;
    const site = { key: 'site|plain|', rule: { max: 1_000, window: 10 * MINUTE } };
    await Promise.all(Array.from({ length: 1_000 }, () => counters.reserve([site], system.clock.read())));
    const address = newAddress();
    assert.deepEqual(await inTurn(2, () => guess(system, unknownUsername(), address)), [401, 429]);
    system.clock.advance(5 * MINUTE);
    assert.deepEqual(await inTurn(2, () => guess(system, unknownUsername(), address)), [401, 429]);
    assert.deepEqual(await inTurn(3, () => ada.signIn(ADA.username, WRONG_PASSWORD)), times(3, 401));
  });

  it('A04: with a common password is throttled across all addresses and users', async () => {
    await using system = await start();
    await system.visitor().register(ADA.username, ADA.password);
    const ada = system.visitorFrom(newAddress());
    await ada.signIn(ADA.username, ADA.password);
    await ada.signOut();
    const attempt = () => system.visitorFrom(newAddress()).signIn(unknownUsername(), 'password123');
    assert.deepEqual(await inTurn(101, attempt), [...times(100, 401), 429]);
    assert.equal((await guess(system, ADA.username)).status, 401, 'other passwords are not affected');
    assert.equal((await ada.signIn(ADA.username, 'password123')).status, 401, 'nor browsers that are known');
    system.clock.advance(HOUR);
    assert.equal((await attempt()).status, 401);
  });

  it('A58: of one user stays counted when an attempt breaks off because a part fails', async () => {
    await using system = await start();
    await system.visitor().register(ADA.username, ADA.password);
    assert.deepEqual(await inTurn(9, () => guess(system, ADA.username)), times(9, 401));
    const { verify } = system.hasher;
    const broken = async () => {
      throw new Error('no password can be compared');
    };
    Object.assign(system.hasher, { verify: broken });
    assert.equal((await guess(system, ADA.username)).status, 500);
    Object.assign(system.hasher, { verify });
    assert.deepEqual(await inTurn(2, () => guess(system, ADA.username)), [401, 429]);
  });

  it('A05: is counted for one account, whatever the spelling of its name', async () => {
    await using system = await start();
    await system.visitor().register(ADA.username, ADA.password, 'ada@example.org');
    const spellings = [' ada ', 'ADA', 'Ａｄａ', 'ada@example.org', 'ADA@EXAMPLE.ORG', 'Ada'];
    const address = newAddress();
    const statuses = await inTurn(6, (number) => guess(system, spellings[number] ?? '', address));
    assert.deepEqual(statuses, [...times(5, 401), 429]);
  });

  it('A05: is counted for one name, whatever its spelling, even if no account has it', async () => {
    await using system = await start();
    const name = unknownUsername();
    const spellings = [name, name.toUpperCase(), ` ${name}`, `${name} `, name, name];
    const address = newAddress();
    const statuses = await inTurn(6, (number) => guess(system, spellings[number] ?? '', address));
    assert.deepEqual(statuses, [...times(5, 401), 429]);
  });

  it('A08: from many addresses of one IPv6 network is throttled', async () => {
    await using system = await start();
    const network = newNetwork();
    const inside = await inTurn(21, (number) =>
      guess(system, unknownUsername(), `${network}:1::${number.toString(16)}`),
    );
    assert.equal(inside.at(-1), 429, 'within a /64');
    assert.equal((await guess(system, unknownUsername(), `${network}:2::1`)).status, 401);
    const { counters } = reachInside(system, 'guesses from six networks take too long').core;
    const all = { key: `network|plain|${network}::/48`, rule: { max: 120, window: 15 * MINUTE } };
    await Promise.all(Array.from({ length: 120 }, () => counters.reserve([all], system.clock.read())));
    assert.equal((await guess(system, unknownUsername(), `${network}:3::1`)).status, 429, 'within a /48');
  });
});

onEveryCounterStore('the owner of an account under attack', (start) => {
  it('A07: can sign in with a known browser while attackers are refused', async () => {
    await using system = await start();
    await system.visitor().register(ADA.username, ADA.password);
    const ada = system.visitorFrom(newAddress());
    await ada.signIn(ADA.username, ADA.password);
    await ada.signOut();
    await useUp(system, ADA.username);
    assert.equal((await ada.signIn(ADA.username, WRONG_PASSWORD)).status, 401);
    assert.equal((await ada.signIn(ADA.username, ADA.password)).status, 303);
    assert.equal((await guess(system, ADA.username)).status, 429, 'which helps no stranger');
  });

  it('I02: can sign in with the browser that changed the password, and every other browser has become unknown', async () => {
    await using system = await start();
    const ada = await registerAndSignIn(system.visitorFrom(newAddress()));
    const attacker = await signInAsThief(system);
    await changePassword(ada);
    await ada.signOut();
    await useUp(system, ADA.username);
    assert.equal((await attacker.signIn(ADA.username, NEW_PASSWORD)).status, 429);
    assert.equal((await ada.signIn(ADA.username, WRONG_PASSWORD)).status, 401);
    assert.equal((await ada.signIn(ADA.username, NEW_PASSWORD)).location, '/dashboard');
  });

  it('A07: waits half a minute in another browser, which further attempts of attackers do not prolong', async () => {
    await using system = await start();
    await system.visitor().register(ADA.username, ADA.password);
    await useUp(system, ADA.username);
    system.clock.advance(20 * SECOND);
    await inTurn(5, () => guess(system, ADA.username));
    const refused = await system.visitorFrom(newAddress()).signIn(ADA.username, ADA.password);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '10']);
    system.clock.advance(10 * SECOND);
    const ada = system.visitorFrom(newAddress());
    assert.equal((await ada.signIn(ADA.username, ADA.password)).status, 303);
  });

  it('A07: is protected again after each wait, by waits that double up to an hour', async () => {
    await using system = await start();
    await system.visitor().register(ADA.username, ADA.password);
    await useUp(system, ADA.username);
    const waits: string[] = [];
    for (let round = 0; round < 9; round += 1) {
      const { headers } = await guess(system, ADA.username);
      waits.push(headers.get('retry-after') ?? '');
      system.clock.advance(Number(headers.get('retry-after')) * SECOND);
      assert.equal((await guess(system, ADA.username)).status, 401);
    }
    assert.deepEqual(waits, ['30', '60', '120', '240', '480', '960', '1920', '3600', '3600']);
    system.clock.advance(DAY + HOUR);
    await useUp(system, ADA.username);
  });

  it('A07: has a limited number of attempts in a known browser, for that account only', async () => {
    await using system = await start();
    await system.visitor().register(ADA.username, ADA.password);
    await system.visitor().register(BEN.username, BEN.password);
    const ada = system.visitorFrom(newAddress());
    await ada.signIn(ADA.username, ADA.password);
    await ada.signOut();
    const wrong = await inTurn(11, () => ada.signIn(ADA.username, WRONG_PASSWORD));
    assert.deepEqual(wrong, [...times(10, 401), 429]);
    await useUp(system, BEN.username);
    assert.equal((await ada.signIn(BEN.username, BEN.password)).status, 429, 'it never was Ben’s');
    const other = system.visitorFrom(newAddress());
    assert.equal(
      (await other.signIn(ADA.username, ADA.password)).status,
      303,
      'another browser is not affected',
    );
  });

  it('A07: is not recognized by a device cookie that is forged, truncated, combined or over a year old', async () => {
    await using system = await start();
    await system.visitor().register(ADA.username, ADA.password);
    await system.visitor().register(BEN.username, BEN.password);
    const cookieOf = async ({ username, password }: typeof ADA | typeof BEN) => {
      const visitor = system.visitorFrom(newAddress());
      await visitor.signIn(username, password);
      return visitor.cookies.get('latchkey-device') ?? '';
    };
    const [ada, ben] = [await cookieOf(ADA), await cookieOf(BEN)];
    const [when = '', id = '', ours = '', mac = ''] = ada.split('.');
    const [, bensId = '', bensSignature = ''] = ben.split('.');
    await useUp(system, ADA.username);
    const signInWith = async (cookie: string) => {
      const visitor = system.visitorFrom(newAddress());
      visitor.cookies.set('latchkey-device', cookie);
      return visitor.signIn(ADA.username, ADA.password);
    };
    const forged = [
      ben,
      [when, bensId, bensSignature, mac].join('.'),
      [when, id, ours, ours].join('.'),
      [`1${when}`, id, ours, mac].join('.'),
      [when, id, ours].join('.'),
      '~~~',
      `${'x.'.repeat(2_000)}~${ben}`,
    ];
    for (const cookie of forged) assert.equal((await signInWith(cookie)).status, 429, cookie.slice(0, 60));
    assert.equal((await signInWith(ada)).status, 303, 'the genuine one works');
    system.clock.advance(366 * DAY);
    await useUp(system, ADA.username);
    assert.equal((await signInWith(ada)).status, 429, 'for a year');
  });
});
