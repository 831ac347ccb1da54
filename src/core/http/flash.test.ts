import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSecrets } from '../secrets.ts';
import { createFlashCodec } from './flash.ts';
import { sign } from './signatures.ts';

const OLD = 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu';
const NEW = 'W5xQ1oTi8NvB3rCk7ZyP0mDf6GhL2sJa';

describe('a message that waits for the next page', () => {
  const flashes = createFlashCodec(createSecrets([OLD]));

  it('comes out of its cookie as it went in', () => {
    for (const name of ['registered', 'signedOut'] as const) {
      assert.equal(flashes.decode(flashes.encode(name)), name);
      assert.match(flashes.encode(name), /^[\w.-]+$/, 'a cookie may hold it as it is');
    }
  });

  it('is nothing that somebody else wrote', () => {
    const [name, signature] = flashes.encode('registered').split('.');
    const forged = [
      '',
      '.',
      'registered',
      'registered.',
      `signedOut.${signature}`,
      `${name}.${signature}x`.replace(/.x$/, 'AA'),
      `constructor.${signature}`,
      `<b>Pay here</b>.${signature}`,
    ];
    for (const cookie of forged) assert.equal(flashes.decode(cookie), null, cookie);
  });

  it('is none that we do not know, though we had signed it', () => {
    const name = 'a-message-of-an-older-version';
    assert.equal(flashes.decode(`${name}.${sign(createSecrets([OLD]).keys('flash'), [name])}`), null);
  });

  it('waits on while the secret is rotated', () => {
    assert.equal(
      createFlashCodec(createSecrets([NEW, OLD])).decode(flashes.encode('registered')),
      'registered',
    );
    assert.equal(createFlashCodec(createSecrets([NEW])).decode(flashes.encode('registered')), null);
  });
});
