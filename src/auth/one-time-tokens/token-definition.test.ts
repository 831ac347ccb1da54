import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { MINUTE } from '../../platform/runtime/clock.ts';
import { defineTokens, voidedTokens } from './token-definition.ts';

const about = { lifetime: MINUTE, meaning: '' };
const tokens = defineTokens({
  reset: {
    ...about,
    voidedBy: 'password-change',
    data: z.object({ address: z.string().nullable(), version: z.number().nullable() }),
    shown: 'address',
  },
  confirmation: { ...about, voidedBy: 'recovery', data: z.object({ address: z.string() }), shown: 'address' },
  invitation: { ...about, data: z.object({ email: z.string().nullable() }) },
});
const { reset, confirmation, invitation } = tokens;
const address = 'ada@example.org';

describe('the data of a one-time token', () => {
  it('is stored as its shown field in the first line and the other fields as JSON in the second', () => {
    assert.equal(reset.encode({ address, version: 7 }), `${address}\n{"version":7}`);
    assert.equal(reset.encode({ address: null, version: null }), '\n{"version":null}');
    assert.equal(confirmation.encode({ address }), address);
    assert.equal(invitation.encode({ email: address }), `{"email":"${address}"}`);
  });

  it('is read as it was stored', () => {
    for (const data of [
      { address, version: 7 },
      { address: null, version: null },
    ])
      assert.deepEqual(reset.decode(reset.encode(data)), data);
    assert.deepEqual(confirmation.decode(address), { address });
    assert.deepEqual(invitation.decode('{"email":null}'), { email: null });
  });

  it('is refused if its definition did not write it', () => {
    for (const stored of ['', address, `${address}\n{}`, `${address}\n{"version":"7"}`])
      assert.throws(() => reset.decode(stored), JSON.stringify(stored));
    assert.throws(() => confirmation.decode(''));
  });
});

describe('the tokens that a change voids', () => {
  it('include after a recovery those that a new password voids', () => {
    const kinds = Object.values(tokens);
    assert.deepEqual(voidedTokens(kinds, 'password-change'), ['reset']);
    assert.deepEqual(voidedTokens(kinds, 'recovery'), ['reset', 'confirmation']);
  });
});
