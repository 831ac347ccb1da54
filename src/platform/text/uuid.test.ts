import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytesToId, defineId, type Id, idToBytes, newId } from './uuid.ts';

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

  it('are parsed from a text and by a schema', () => {
    const { create, parse, schema } = defineId<'book'>();
    const id = create(1);
    assert.deepEqual([parse(id), schema.parse(id)], [id, id]);
  });

  it('are refused in any other format', () => {
    const { parse, schema } = defineId();
    for (const text of ['', 'x', newId(0).toUpperCase().replace('-', ''), `${newId(0)}0`, `${newId(0)}\n`]) {
      assert.equal(parse(text), null, text);
      assert.equal(schema.safeParse(text).success, false, text);
      assert.throws(() => idToBytes(text as Id), TypeError);
    }
  });
});
