import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSecrets, type KeyPurpose } from './secrets.ts';

const OLD = 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu';
const NEW = 'W5xQ1oTi8NvB3rCk7ZyP0mDf6GhL2sJa';

/** The keys for a purpose as text, to compare them. */
function keysOf(secrets: readonly [string, ...string[]], purpose: KeyPurpose): readonly string[] {
  return createSecrets(secrets)
    .keys(purpose)
    .map((key) => key.export().toString('hex'));
}

describe('derived keys', () => {
  it('have 256 bits, and are the same at every start', () => {
    const [key] = createSecrets([OLD]).keys('csrf');
    assert.equal(key.symmetricKeySize, 32);
    assert.deepEqual(keysOf([OLD], 'csrf'), keysOf([OLD], 'csrf'));
  });

  it('differ for each purpose, and from the secret itself', () => {
    const keys = [...keysOf([OLD], 'csrf'), ...keysOf([OLD], 'flash'), Buffer.from(OLD).toString('hex')];
    assert.equal(new Set(keys).size, 3);
  });

  it('are derived from every known secret, the newest first', () => {
    assert.deepEqual(keysOf([NEW, OLD], 'flash'), [...keysOf([NEW], 'flash'), ...keysOf([OLD], 'flash')]);
  });

  it('never change between versions, because stored signatures depend on them', () => {
    // HKDF as RFC 5869 writes it, worked out by another program.
    const [key] = keysOf(['0'.repeat(32)], 'csrf');
    assert.equal(key, '40249d1aacb6bd71343872a1fcdd3300050db53d358addaba374c12912793c5b');
  });
});
