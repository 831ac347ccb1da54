import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSecrets } from '../crypto/secrets.ts';
import { createFlashCodec } from './flash.ts';
import { sign } from './signatures.ts';

const OLD = 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu';
const NEW = 'W5xQ1oTi8NvB3rCk7ZyP0mDf6GhL2sJa';

describe('a message for the next page', () => {
  const flashes = createFlashCodec(createSecrets([OLD]));

  it('survives the round trip through its cookie', () => {
    for (const name of ['registered', 'signedOut'] as const) {
      assert.deepEqual(flashes.decode(flashes.encode(name)), [name]);
      assert.match(flashes.encode(name), /^[\w.-]+$/, 'a cookie may hold it as it is');
    }
  });

  it('can carry a count', () => {
    const message = { name: 'otherSessionsEnded', count: 12 } as const;
    assert.deepEqual(flashes.decode(flashes.encode(message)), [message]);
    assert.deepEqual(flashes.decode(flashes.encode('registered', message)), ['registered', message]);
    assert.match(flashes.encode(message), /^[\w.-]+$/, 'a cookie may hold it as it is');
    const [, signature] = flashes.encode(message).split('.');
    for (const label of ['otherSessionsEnded-13', 'otherSessionsEnded', 'registered-12']) {
      assert.deepEqual(flashes.decode(`${label}.${signature}`), [], label);
    }
  });

  it('is ignored if it is forged', () => {
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
    for (const cookie of forged) assert.deepEqual(flashes.decode(cookie), [], cookie);
  });

  it('is ignored if its name is unknown, even if its signature is valid', () => {
    for (const label of [
      'a-message-of-an-older-version',
      'registered-2',
      'constructor-2',
      'otherSessionsEnded--1',
      '_',
    ]) {
      const signature = sign(createSecrets([OLD]).keys('flash'), [label]);
      assert.deepEqual(flashes.decode(`${label}.${signature}`), [], label);
    }
  });

  it('stays valid during a secret rotation', () => {
    assert.deepEqual(createFlashCodec(createSecrets([NEW, OLD])).decode(flashes.encode('registered')), [
      'registered',
    ]);
    assert.deepEqual(createFlashCodec(createSecrets([NEW])).decode(flashes.encode('registered')), []);
  });
});
