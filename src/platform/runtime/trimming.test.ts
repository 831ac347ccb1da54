import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { trimmed, trimmedEnd } from './trimming.ts';

describe('a trimmed text', () => {
  it('lacks the unwanted characters at its ends alone', () => {
    assert.equal(trimmed(' \t a b\u00a0\t ', ' \t'), 'a b\u00a0');
    assert.equal(trimmed(' \t ', ' \t'), '');
    assert.equal(trimmedEnd('/a//b//', '/'), '/a//b');
    assert.equal(trimmedEnd('', '/'), '');
  });
});
