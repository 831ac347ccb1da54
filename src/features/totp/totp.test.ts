import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hotp } from './hotp.ts';
import { findStep, isLikeCode, keyUri, secretText } from './totp.ts';

/** RFC 6238, appendix B: the times in seconds, and the codes of eight digits with SHA-1. */
const VECTORS = [
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
] as const;

const SECRET = Buffer.from('12345678901234567890');
const NOW = 1_111_111_111_000;
const STEP = Math.floor(NOW / 30_000);

describe('a time-based one-time password', () => {
  it('V6.5.5 is what RFC 6238 lists in its appendix B', () => {
    for (const [seconds, code] of VECTORS) assert.equal(hotp(SECRET, Math.floor(seconds / 30), 8), code);
  });

  it('has six digits, the last ones of the same number, with leading zeros', () => {
    for (const [seconds, code] of VECTORS)
      assert.equal(hotp(SECRET, Math.floor(seconds / 30)), code.slice(2));
  });

  it('A59 is accepted one step before and after its time, and no further away', () => {
    const accepted = [-2, -1, 0, 1, 2].map((steps) =>
      findStep(SECRET, hotp(SECRET, STEP + steps), { now: NOW, lastStep: null }),
    );
    assert.deepEqual(accepted, [null, STEP - 1, STEP, STEP + 1, null]);
  });

  it('A35 is not accepted for the last step that was used, nor for an earlier one', () => {
    const find = (steps: number, lastStep: number) =>
      findStep(SECRET, hotp(SECRET, STEP + steps), { now: NOW, lastStep });
    assert.equal(find(0, STEP), null);
    assert.equal(find(-1, STEP), null);
    assert.equal(find(1, STEP), STEP + 1);
    assert.equal(find(0, STEP + 1), null);
  });

  it('may be typed with spaces and dashes, and with nothing else', () => {
    const code = hotp(SECRET, STEP);
    const spaced = ` ${code.slice(0, 3)} ${code.slice(3)} `;
    for (const typed of [spaced, `${code.slice(0, 3)}-${code.slice(3)}`]) {
      assert.ok(isLikeCode(typed));
      assert.equal(findStep(SECRET, typed, { now: NOW, lastStep: null }), STEP);
    }
    for (const typed of ['', '12345', '1234567', '12345a', '１２３４５６', '-123456.0'])
      assert.equal(isLikeCode(typed), false, typed);
  });
});

describe('the secret of an authenticator app', () => {
  it('is written in base 32, as RFC 4648 does', () => {
    assert.equal(secretText(Buffer.from('foobar')).slice(0, 9), 'MZXW6YTBO');
    assert.equal(secretText(SECRET), 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
    assert.equal(secretText(Buffer.alloc(20, 0xff)), '7'.repeat(32));
  });

  it('comes as an address that names the site and the user, whatever characters they have', () => {
    const uri = keyUri(SECRET, { site: 'Harbour & Co: Library', username: 'Zoë?a=b' });
    const { protocol, hostname, pathname, searchParams } = new URL(uri);
    assert.deepEqual([protocol, hostname], ['otpauth:', 'totp']);
    assert.equal(decodeURIComponent(pathname), '/Harbour & Co: Library:Zoë?a=b');
    assert.deepEqual(Object.fromEntries(searchParams), {
      secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
      issuer: 'Harbour & Co: Library',
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
  });
});
