import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytesToId, idToBytes, newId } from './uuid.ts';

describe('ids', () => {
  it('are version 7 UUIDs that contain the time in milliseconds', () => {
    const id = newId(0x0123456789ab);
    assert.match(id, /^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('are unique, also within one millisecond', () => {
    assert.equal(new Set(Array.from({ length: 10_000 }, () => newId(1))).size, 10_000);
  });

  it('survive the conversion to 16 bytes and back', () => {
    const id = newId(Date.UTC(2026, 0));
    assert.equal(idToBytes(id).byteLength, 16);
    assert.equal(bytesToId(idToBytes(id)), id);
  });

  it('are refused in any other format', () => {
    for (const text of ['', 'x', newId(0).toUpperCase().replace('-', ''), `${newId(0)}0`]) {
      assert.throws(() => idToBytes(text), TypeError);
    }
  });
});
