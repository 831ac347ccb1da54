import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { quoted } from './findings.ts';

describe('text quoted from another source', () => {
  it('is shortened and stripped of control characters', () => {
    assert.equal(quoted('max-age=0'), '“max-age=0”');
    assert.equal(quoted('\u001b[31mred\u009b2J\r\n\u202ex'), '“?[31mred?2J???x”');
    assert.equal(quoted('x'.repeat(500)), `“${'x'.repeat(240)}…”`);
    assert.equal(quoted('Prüfung 失敗 “x”'), '“Prüfung 失敗 “x””');
  });

  it('is cut between two words, and a hint of Node.js is not', () => {
    assert.equal(quoted('word '.repeat(100)), `“${'word '.repeat(47)}word…”`);
    const hint =
      'self-signed certificate; if the root CA is installed locally, try running Node.js with --use-system-ca';
    assert.equal(quoted(hint), `“${hint}”`);
  });
});
