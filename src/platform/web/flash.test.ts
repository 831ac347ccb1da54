import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSecrets } from '../crypto/secrets.ts';
import { defineWords, english } from '../words/language.ts';
import { createFlashCodec, defineFlashes, type FlashMessage } from './flash.ts';
import { sign } from './signatures.ts';

const OLD = 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu';
const NEW = 'W5xQ1oTi8NvB3rCk7ZyP0mDf6GhL2sJa';

const words = defineWords({
  saved: 'Saved.',
  expired: 'That took too long.',
  removed: (count: number) => `${count} removed.`,
});
const { saved, expired, removed } = defineFlashes(words, {
  saved: 'success',
  expired: 'notice',
  removed: 'success',
});
const definitions = new Map([saved, expired, removed].map((flash) => [flash.name, flash]));
const codecWith = (...secrets: [string, ...string[]]) =>
  createFlashCodec(createSecrets(secrets), definitions);

describe('a message for the next page', () => {
  const codec = codecWith(OLD);
  const texts = (cookie: string) =>
    codec.decode(cookie).map(({ flash, count }) => flash.text(english.words, count));
  const roundTrip = (...messages: readonly FlashMessage[]) => texts(codec.encode(...messages));

  it('survives the round trip through its cookie', () => {
    assert.deepEqual(roundTrip(saved), ['Saved.']);
    assert.deepEqual(roundTrip(saved, expired), ['Saved.', 'That took too long.']);
    assert.match(codec.encode(saved), /^[\w.-]+$/, 'a cookie may hold it as it is');
  });

  it('can carry a count', () => {
    const message = { flash: removed, count: 12 };
    assert.deepEqual(roundTrip(saved, message), ['Saved.', '12 removed.']);
    assert.match(codec.encode(message), /^[\w.-]+$/, 'a cookie may hold it as it is');
    const [, signature] = codec.encode(message).split('.');
    for (const label of ['removed-13', 'removed', 'saved-12'])
      assert.deepEqual(texts(`${label}.${signature}`), [], label);
  });

  it('is ignored if it is forged', () => {
    const [name, signature] = codec.encode(saved).split('.');
    const forged = [
      '',
      '.',
      'saved',
      'saved.',
      `expired.${signature}`,
      `${name}.${signature}x`.replace(/.x$/, 'AA'),
      `constructor.${signature}`,
      `<b>Pay here</b>.${signature}`,
    ];
    for (const cookie of forged) assert.deepEqual(texts(cookie), [], cookie);
  });

  it('is ignored if its name is unknown, even if its signature is valid', () => {
    for (const label of ['from-an-older-version', 'saved-2', 'constructor-2', 'removed', 'removed--1', '_']) {
      const signature = sign(createSecrets([OLD]).keys('flash'), [label]);
      assert.deepEqual(texts(`${label}.${signature}`), [], label);
    }
  });

  it('stays valid during a secret rotation', () => {
    assert.equal(codecWith(NEW, OLD).decode(codec.encode(saved)).length, 1);
    assert.equal(codecWith(NEW).decode(codec.encode(saved)).length, 0);
  });
});
