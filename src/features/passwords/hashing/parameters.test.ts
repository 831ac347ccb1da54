import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  FLOOR,
  formatParameters,
  hashParameters,
  isWeaker,
  missingPasses,
  storedParameters,
} from './parameters.ts';

const STANDARD = { memoryKibibytes: 19_456, passes: 4, lanes: 1 };
const SALT_AND_HASH = 'c29tZXNhbHQ$aGFzaA';

describe('the cost of a hash', () => {
  it('is written and read in PHC format', () => {
    assert.equal(formatParameters(STANDARD), 'm=19456,t=4,p=1');
    assert.deepEqual(hashParameters.parse(' m=19456,t=4,p=1 '), STANDARD);
    assert.deepEqual(storedParameters(`$argon2id$v=19$m=19456,t=4,p=1$${SALT_AND_HASH}`), STANDARD);
  });

  it('A02: is completed for an older hash by passes over the current memory', () => {
    const half = { ...STANDARD, passes: 2 };
    assert.equal(missingPasses(half, STANDARD), 2);
    assert.equal(missingPasses(STANDARD, STANDARD), 0);
    assert.equal(missingPasses({ ...STANDARD, passes: 9 }, STANDARD), 0, 'nothing can be given back');
    assert.equal(missingPasses(half, { ...STANDARD, memoryKibibytes: 2 * 19_456 }), 3);
    assert.equal(missingPasses(null, STANDARD), 4, 'nobody knows what it cost');
  });

  it('must not be below the OWASP minimum or above what a server could bear', () => {
    assert.deepEqual(hashParameters.parse(formatParameters(FLOOR)), FLOOR);
    assert.equal(formatParameters(FLOOR), 'm=19456,t=2,p=1');
    for (const text of [
      'm=19455,t=2,p=1',
      'm=19456,t=1,p=1',
      'm=19456,t=2,p=0',
      'm=1048577,t=2,p=1',
      'm=19456,t=51,p=1',
      'm=19456,t=2,p=17',
    ]) {
      const { error } = hashParameters.safeParse(text);
      assert.equal(
        error?.issues[0]?.message,
        'is not fitting; give m=KiB,t=passes,p=lanes, at least m=19456,t=2,p=1 and at most m=1048576,t=50,p=16',
        text,
      );
    }
  });

  it('is refused in another order or form', () => {
    for (const text of [
      '',
      't=4,m=19456,p=1',
      'm=19456,t=4',
      'm=19456, t=4, p=1',
      'm=1e6,t=4,p=1',
      'm=-19456,t=4,p=1',
      '19456,4,1',
    ])
      assert.equal(hashParameters.safeParse(text).success, false, text);
  });

  it('is unknown for another kind of hash', () => {
    for (const hash of [
      `$argon2i$v=19$m=19456,t=4,p=1$${SALT_AND_HASH}`,
      `$argon2id$v=16$m=19456,t=4,p=1$${SALT_AND_HASH}`,
      `$argon2id$m=19456,t=4,p=1$${SALT_AND_HASH}`,
      '$2b$12$abcdefghijklmnopqrstuv',
      'pbkdf2:sha256:600000$salt$hash',
      '',
    ])
      assert.equal(storedParameters(hash), null, hash);
  });

  it('is weaker if any part of it is', () => {
    assert.equal(isWeaker(STANDARD, STANDARD), false);
    assert.equal(isWeaker({ ...STANDARD, passes: 5 }, STANDARD), false);
    for (const weaker of [{ memoryKibibytes: 19_455 }, { passes: 3 }, { lanes: 0 }])
      assert.equal(isWeaker({ memoryKibibytes: 65_536, passes: 9, lanes: 2, ...weaker }, STANDARD), true);
  });
});
