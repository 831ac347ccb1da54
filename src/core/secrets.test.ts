import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSecrets } from './secrets.ts';

const OLD = 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu';
const NEW = 'W5xQ1oTi8NvB3rCk7ZyP0mDf6GhL2sJa';

describe('keys', () => {
  it('are 256 bits, the same at every start', () => {
    const [key] = createSecrets([OLD]).keys('csrf');
    assert.equal(key.length, 32);
    assert.deepEqual(createSecrets([OLD]).keys('csrf'), [key]);
  });

  it('are another one for each purpose, and none is the secret itself', () => {
    const secrets = createSecrets([OLD]);
    const keys = [...secrets.keys('csrf'), ...secrets.keys('flash'), Buffer.from(OLD)];
    assert.equal(new Set(keys.map((key) => key.toString('hex'))).size, 3);
  });

  it('come from every secret that is known, the newest first', () => {
    const [first, second, ...more] = createSecrets([NEW, OLD]).keys('flash');
    assert.deepEqual([first], createSecrets([NEW]).keys('flash'));
    assert.deepEqual([second], createSecrets([OLD]).keys('flash'));
    assert.equal(more.length, 0);
  });

  it('stay what they were, for what they signed is out there', () => {
    // HKDF as RFC 5869 writes it, worked out by another program.
    const [key] = createSecrets(['0'.repeat(32)]).keys('csrf');
    assert.equal(key.toString('hex'), '40249d1aacb6bd71343872a1fcdd3300050db53d358addaba374c12912793c5b');
  });
});
