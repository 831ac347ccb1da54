import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { createPeppers } from '../../src/features/passwords/index.ts';
import { settingsFromOptions } from '../../src/read-settings.ts';
import { type Engine, engines, existingDatabase, onEveryDatabase } from '../kit/databases.ts';
import { SECRET_KEY, startSystem, storedHashes, type TestSystem } from '../kit/system.ts';
import { ADA, BEN, WRONG_PASSWORD } from '../kit/visitor.ts';

const OLD = 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu';
const NEW = 'W5xQ1oTi8NvB3rCk7ZyP0mDf6GhL2sJa';

/** The same database, served with one pepper after another; each start is a system of its own. */
async function database(engine: Engine) {
  const empty = await engine.create();
  const there = existingDatabase(empty.url);
  return {
    url: empty.url,
    serve: (passwordPepper?: string) => startSystem(passwordPepper ? { passwordPepper } : {}, there),
    [Symbol.asyncDispose]: () => empty[Symbol.asyncDispose](),
  };
}

/** The hash of the only account. */
async function storedHash(system: TestSystem): Promise<string> {
  const [hash = ''] = await storedHashes(system);
  return hash;
}

const keyId = (secret: string) => `keyid=${createPeppers([secret])[0]?.id}$`;

async function signInStatus(system: TestSystem, password: string): Promise<number> {
  return (await system.visitor().signIn(ADA.username, password)).status;
}

onEveryDatabase('a pepper', (engine) => {
  it('that is turned on keeps every password valid, and enters each hash at the next sign-in', async () => {
    await using served = await database(engine);
    await using before = await served.serve();
    await before.visitor().register(ADA.username, ADA.password);
    await using system = await served.serve(OLD);
    assert.equal(await signInStatus(system, WRONG_PASSWORD), 401);
    assert.doesNotMatch(await storedHash(system), /keyid/, 'a wrong password changes nothing');
    assert.equal(await signInStatus(system, ADA.password), 303);
    assert.ok((await storedHash(system)).includes(keyId(OLD)));
    assert.equal(await signInStatus(system, ADA.password), 303);
    assert.equal(await signInStatus(system, WRONG_PASSWORD), 401);
  });

  it('is rotated by “new,old” without locking any user out', async () => {
    await using served = await database(engine);
    await using before = await served.serve(OLD);
    await before.visitor().register(ADA.username, ADA.password);
    assert.ok((await storedHash(before)).includes(keyId(OLD)), 'a new account has it at once');
    await using both = await served.serve(`${NEW},${OLD}`);
    assert.equal(await signInStatus(both, ADA.password), 303);
    assert.ok((await storedHash(both)).includes(keyId(NEW)));
    await using after = await served.serve(NEW);
    assert.equal(await signInStatus(after, ADA.password), 303);
    assert.equal(await signInStatus(after, WRONG_PASSWORD), 401);
  });

  it('A01, A02: that is lost refuses known users like unknown ones, after one hash, and only the log says why', async () => {
    await using served = await database(engine);
    await using before = await served.serve(OLD);
    await before.visitor().register(ADA.username, ADA.password);
    for (const pepper of [undefined, NEW]) {
      await using system = await served.serve(pepper);
      const seen = new Set<string>();
      for (const username of [ADA.username, 'nobody-here']) {
        const counted = { ...system.hasher.counts };
        const { status, body } = await system.visitor().signIn(username, ADA.password);
        assert.equal(status, 401);
        seen.add(body.replace(/name="csrf" value="[^"]+"/, '').replace(username, ''));
        assert.equal(system.hasher.counts.verifications - counted.verifications, 1, username);
        assert.equal(system.hasher.counts.hashes, counted.hashes, username);
      }
      assert.equal(seen.size, 1);
      const reasons = system.events.flatMap((event) => ('reason' in event ? [event.reason] : []));
      assert.deepEqual(reasons, ['pepper-lost', 'unknown-account']);
      assert.match(system.logLines.join(''), /"reason":"pepper-lost"/);
    }
    await using found = await served.serve(OLD);
    assert.equal(await signInStatus(found, ADA.password), 303, 'nothing was lost but the key');
  });

  it('A02: costs one hash with the same parameters, whichever pepper the hash of an account has', async () => {
    await using served = await database(engine);
    await using plain = await served.serve();
    await plain.visitor().register(ADA.username, ADA.password);
    await using old = await served.serve(OLD);
    await old.visitor().register(BEN.username, BEN.password);
    await using system = await served.serve(`${NEW},${OLD}`);
    await system.visitor().register('Cleo', ADA.password);
    for (const username of [ADA.username, BEN.username, 'Cleo', 'nobody-here']) {
      const before = { ...system.hasher.counts };
      await system.visitor().signIn(username, WRONG_PASSWORD);
      assert.equal(system.hasher.counts.verifications - before.verifications, 1, username);
      assert.equal(system.hasher.counts.hashes - before.hashes, 0, username);
    }
    for (const hash of await storedHashes(system)) assert.match(hash, /\$m=128,t=2,p=1[,$]/);
    assert.match(system.hasher.decoy, /\$m=128,t=2,p=1,keyid=/);
  });
});

describe('a pepper', () => {
  it('A56: appears neither in the database nor in the log', async () => {
    const [engine] = engines;
    assert.ok(engine !== undefined);
    await using served = await database(engine);
    await using system = await served.serve(`${NEW},${OLD}`);
    await system.visitor().register(ADA.username, ADA.password);
    await system.visitor().signIn(ADA.username, ADA.password);
    const folder = dirname(served.url.slice('sqlite:'.length));
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
    const written = [...files, ...system.logLines].join('');
    assert.ok(written.includes(keyId(NEW)), 'these are the files');
    for (const secret of [NEW, OLD]) {
      const key = Buffer.from(createPeppers([secret])[0]?.key ?? []);
      const forms = [
        secret,
        ...(['latin1', 'hex', 'base64', 'base64url'] as const).map((form) => key.toString(form)),
      ];
      for (const form of forms) assert.ok(!written.includes(form));
    }
  });

  it('A57: keeps the server from starting when it is short, an example or one repeated character', () => {
    const weak = [
      [
        NEW.slice(0, 31),
        /PASSWORD_PEPPER: its value is too short; it needs at least 32 bytes; make one with/,
      ],
      ['my-pepper-change-me-my-pepper-change-me', /PASSWORD_PEPPER: its value looks like an example/],
      ['your_pepper_here_with_32_characters_', /PASSWORD_PEPPER: its value looks like an example/],
      ['a'.repeat(64), /PASSWORD_PEPPER: its value repeats too few characters/],
      [`${NEW},short`, /PASSWORD_PEPPER: its value is too short/],
      [`${NEW},`, /PASSWORD_PEPPER: its value is too short/],
    ] as const;
    for (const [passwordPepper, fault] of weak) {
      assert.throws(
        () => settingsFromOptions({ secretKey: SECRET_KEY, passwordPepper }),
        (error: Error) => {
          assert.match(error.message, fault);
          assert.ok(!error.message.includes(passwordPepper));
          return true;
        },
      );
    }
  });
});
