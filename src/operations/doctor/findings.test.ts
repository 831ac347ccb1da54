import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { quoted } from './findings.ts';

describe('text quoted from another source', () => {
  it('is shortened and stripped of control characters', () => {
    assert.equal(quoted('max-age=0'), '“max-age=0”');
    assert.equal(quoted('\u001b[31mred\u009b2J\r\n\u202ex'), '“?[31mred?2J???x”');
    assert.equal(quoted('x'.repeat(500)), `“${'x'.repeat(80)}…”`);
  });
});
