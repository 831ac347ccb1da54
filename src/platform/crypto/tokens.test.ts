import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hashToken, isToken, newToken } from './tokens.ts';

describe('a token', () => {
  it('is 256 random bits in characters that a cookie may contain', () => {
    const tokens = Array.from({ length: 1_000 }, newToken);
    assert.equal(new Set(tokens).size, tokens.length);
    for (const token of tokens) {
      assert.match(token, /^[A-Za-z0-9_-]{43}$/);
      assert.equal(Buffer.from(token, 'base64url').length, 32);
    }
    const ones = tokens.flatMap((token) => [...Buffer.from(token, 'base64url')].map(onesIn));
    const share = ones.reduce((sum, count) => sum + count, 0) / (tokens.length * 256);
    assert.ok(Math.abs(share - 0.5) < 0.01, `${share} of the bits are set`);
  });

  it('has exactly one format', () => {
    const token = newToken();
    assert.equal(isToken(token), true);
    for (const other of [
      '',
      token.slice(1),
      `${token}A`,
      `${token}\n`,
      `${token.slice(1)}=`,
      `${token.slice(1)}+`,
      ` ${token.slice(1)}`,
    ])
      assert.equal(isToken(other), false, JSON.stringify(other));
  });

  it('is stored as its SHA-256 hash', () => {
    assert.equal(
      hashToken('abc').toString('hex'),
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      'the example of FIPS 180-4',
    );
  });
});

function onesIn(byte: number): number {
  return byte.toString(2).replaceAll('0', '').length;
}
