import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newSecret } from '../../../platform/settings/strong-secret.ts';
import { estimatedBits } from './estimated-bits.ts';

const GOOD = 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu';
const WORDS = 'copper kettles sing when winter comes home';

describe('the entropy estimate of a secret', () => {
  it('distinguishes random characters from words and patterns', () => {
    const random = [
      newSecret(),
      GOOD,
      '9f86d081884c7d659a2feaa0c55ad015',
      'q8Zr/1k+Yt0vWm3xPzL5uJ7nHc2sBd6e==',
    ];
    for (const secret of random)
      assert.ok(estimatedBits(secret) >= 112, `${secret}: ${estimatedBits(secret)}`);
    const weak = [
      WORDS,
      'größte Kästchen öffnen üble Türen',
      'abcdefghijabcdefghijabcdefghijab',
      'letmeinletmeinpleaseiamtheowner!',
    ];
    for (const secret of weak) assert.ok(estimatedBits(secret) < 112, `${secret}: ${estimatedBits(secret)}`);
  });
});
