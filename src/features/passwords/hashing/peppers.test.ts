import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createHasher } from './hasher.ts';
import { storedParameters } from './parameters.ts';
import { createPeppers, pepperIdOf, withPepperId } from './peppers.ts';

const PASSWORD = 'nine copper kettles sing';
const CHEAP = { memoryKibibytes: 64, passes: 1, lanes: 1 };
const OLD = 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu';
const NEW = 'W5xQ1oTi8NvB3rCk7ZyP0mDf6GhL2sJa';

describe('a pepper', () => {
  it('has an id that is the same at every start and reveals nothing of the secret', () => {
    const [pepper, again] = [createPeppers([OLD])[0], createPeppers([OLD])[0]];
    assert.equal(pepper?.id, again?.id);
    assert.match(String(pepper?.id), /^[A-Za-z0-9+/]{11}$/, '64 bits, as the PHC string format allows');
    assert.notEqual(pepper?.id, createPeppers([NEW])[0]?.id);
    assert.equal(pepper?.key.length, 32);
    assert.ok(
      !Buffer.from(pepper?.key ?? [])
        .toString('base64')
        .startsWith(String(pepper?.id)),
    );
  });

  it('never changes between versions, because every hash depends on it', () => {
    // HKDF as RFC 5869 writes it, worked out by another program.
    const [pepper] = createPeppers(['0'.repeat(32)]);
    assert.equal(
      Buffer.from(pepper?.key ?? []).toString('hex'),
      '04d8837af47270a31ff300d1da3339decb72cb78e6f2b699ca34a1aad0c41d64',
    );
    assert.equal(pepper?.id, '4WHS+5x0yac');
  });

  it('is named by the keyid parameter of a hash', () => {
    const [pepper] = createPeppers([OLD]);
    const plain = '$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$aGFzaA';
    const peppered = withPepperId(plain, pepper);
    assert.equal(peppered, `$argon2id$v=19$m=64,t=1,p=1,keyid=${pepper?.id}$c29tZXNhbHQ$aGFzaA`);
    assert.equal(pepperIdOf(peppered), pepper?.id);
    assert.equal(withPepperId(peppered, pepper), peppered, 'named once');
    assert.deepEqual(storedParameters(peppered), CHEAP);
    for (const none of [plain, '', '$2b$12$abc', plain.replace('$c29t', '$x,keyid=AAAA$c29t')])
      assert.equal(pepperIdOf(none), null, none);
  });
});

describe('the hasher with a pepper', () => {
  const plain = createHasher(CHEAP, { cores: 1 });
  const old = createHasher(CHEAP, { cores: 1, peppers: createPeppers([OLD]) });
  const rotated = createHasher(CHEAP, { cores: 1, peppers: createPeppers([NEW, OLD]) });
  const hashers = [plain, old, rotated];
  after(() => Promise.all(hashers.map(({ close }) => close())));

  it('makes hashes that cannot be verified without the pepper', async () => {
    const hash = await old.hash(PASSWORD);
    assert.equal(await old.verify(hash, PASSWORD), true);
    assert.equal(await old.verify(hash, `${PASSWORD}!`), false);
    assert.equal(await plain.verify(hash, PASSWORD), false);
    const claimed = hash.replace(/,keyid=[^$]+/, '');
    assert.equal(await plain.verify(claimed, PASSWORD), false, 'also when the hash denies having one');
    assert.deepEqual([plain.isPepperKnown(hash), old.isPepperKnown(hash)], [false, true]);
  });

  it('verifies hashes without a pepper or with an older one, and calls them outdated', async () => {
    for (const hash of [await plain.hash(PASSWORD), await old.hash(PASSWORD)]) {
      assert.equal(await rotated.verify(hash, PASSWORD), true);
      assert.equal(rotated.isPepperKnown(hash), true);
      assert.equal(rotated.isOutdated(hash), true);
    }
    assert.equal(rotated.isOutdated(await rotated.hash(PASSWORD)), false);
    assert.equal(plain.isOutdated(await plain.hash(PASSWORD)), false);
  });

  it('A02: has a decoy of the same form as a real hash', async () => {
    const shape = (hash: string) => hash.split('$').map((part) => part.length);
    for (const hasher of hashers) {
      const real = await hasher.hash(PASSWORD);
      assert.deepEqual(shape(hasher.decoy), shape(real));
      assert.equal(pepperIdOf(hasher.decoy), pepperIdOf(real));
      assert.equal(await hasher.verify(hasher.decoy, PASSWORD), false);
    }
  });
});
