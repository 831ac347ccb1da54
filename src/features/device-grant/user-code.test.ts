import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newUserCode, parseUserCode, userCodeText } from './user-code.ts';

describe('the code that a user types for a device', () => {
  it('has eight of twenty consonants, in two groups', () => {
    const codes = Array.from({ length: 500 }, newUserCode);
    for (const code of codes)
      assert.match(userCodeText(code), /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    assert.equal(new Set(codes).size, codes.length);
    assert.equal(new Set(codes.join('')).size, 20);
  });

  it('is read in any case and with any separators, and not with other letters or another length', () => {
    for (const text of ['WDJB-MJHT', 'wdjbmjht', ' WDJB MJHT ', 'w.d.j.b–m.j.h.t', 'WDJB-MJHT\n'])
      assert.equal(parseUserCode(text), 'WDJBMJHT', text);
    for (const text of ['', 'WDJB-MJH', 'WDJB-MJHTT', 'WDJA-MJHT', 'WDJB-MJH7', 'ＷDJB-MJHT', 'WDJB-MJHß'])
      assert.equal(parseUserCode(text), null, text);
  });
});
