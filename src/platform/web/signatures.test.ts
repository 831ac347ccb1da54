import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { describe, it } from 'node:test';
import { isSigned, sign } from './signatures.ts';

const KEY = createSecretKey(Buffer.alloc(32, 1));
const OTHER = createSecretKey(Buffer.alloc(32, 2));

describe('a signature', () => {
  it('is valid for exactly the signed parts, in their order and with their bounds', () => {
    const signature = sign([KEY], ['ab', 'c', 'größe']);
    assert.equal(isSigned([KEY], ['ab', 'c', 'größe'], signature), true);
    const others = [
      ['a', 'bc', 'größe'],
      ['c', 'ab', 'größe'],
      ['ab', 'c'],
      ['ab', 'c', 'größe', ''],
      ['ab1:c', 'größe'],
      ['ab', 'c', 'grosse'],
      [],
    ];
    for (const parts of others) assert.equal(isSigned([KEY], parts, signature), false, parts.join());
  });

  it('is made with the newest key, and valid under each known key', () => {
    const old = sign([OTHER], ['x']);
    assert.equal(isSigned([KEY, OTHER], ['x'], old), true);
    assert.equal(isSigned([KEY], ['x'], old), false);
    assert.equal(sign([KEY, OTHER], ['x']), sign([KEY], ['x']));
  });

  it('is invalid if it is shorter, longer or malformed', () => {
    const signature = sign([KEY], ['x']);
    for (const wrong of [
      '',
      'x',
      signature.slice(0, -1),
      `${signature}AAAA`,
      signature.toLowerCase(),
      'é'.repeat(43),
    ])
      assert.equal(isSigned([KEY], ['x'], wrong), false, wrong);
  });
});
