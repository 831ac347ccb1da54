import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newId } from '../../platform/text/index.ts';
import { createCodes, hashCode, isLikeCode } from './codes.ts';

describe('recovery codes', () => {
  it('V6.5.2 V6.5.4 are ten, all different, with 16 characters of base 32 each, which is 80 bits', () => {
    const codes = createCodes();
    assert.equal(codes.length, 10);
    assert.equal(new Set(codes).size, 10);
    for (const code of codes) assert.match(code, /^(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
  });

  it('use every character of their alphabet', () => {
    const seen = new Set(Array.from({ length: 200 }, createCodes).flat().join('').replaceAll('-', ''));
    assert.equal(seen.size, 32);
  });

  it('A40 may be typed in small letters, without dashes, with spaces, and with the letters that look like digits', () => {
    const list = newId(0);
    const kept = hashCode(list, '0123-4567-89AB-1C01');
    for (const typed of [
      '0123456789ab1c01',
      ' 0123 4567 89AB lCoI ',
      '0123–4567–89ab–1c01',
      'O123-4567-89AB-1COL',
    ]) {
      assert.ok(isLikeCode(typed), typed);
      assert.deepEqual(hashCode(list, typed), kept, typed);
    }
    for (const typed of ['', '0123-4567-89AB-1C0', '0123-4567-89AB-1C011', '0123-4567-89AB-1C0U', '123456'])
      assert.equal(isLikeCode(typed), false, typed);
  });

  it('A40 have another hash in every list', () => {
    const [code = ''] = createCodes();
    assert.notDeepEqual(hashCode(newId(0), code), hashCode(newId(1), code));
  });
});
