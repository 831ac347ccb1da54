import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isApiToken, newApiToken } from './token-format.ts';

describe('the text of an API token', () => {
  it('has the shape that secret scanners look for, and is different each time', () => {
    const tokens = Array.from({ length: 200 }, newApiToken);
    for (const token of tokens) assert.match(token, /^latchkey_pat_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/);
    assert.equal(new Set(tokens).size, tokens.length);
  });

  it('ends in the CRC-32 of what comes before it, in base 62', () => {
    const start = `latchkey_pat_${'0'.repeat(43)}`;
    assert.ok(isApiToken(`${start}0kKwjj`), 'CRC-32 684703803');
  });

  it('A13: is refused before it is looked up if any character of it was changed', () => {
    const token = newApiToken();
    assert.ok(isApiToken(token));
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === 'x' ? 'y' : 'x';
      assert.ok(!isApiToken(token.slice(0, index) + other + token.slice(index + 1)), String(index));
    }
    for (const other of ['', 'latchkey_pat_', token.slice(0, -1), `${token}0`, ` ${token}`, `${token}\n`])
      assert.ok(!isApiToken(other), JSON.stringify(other));
  });
});
