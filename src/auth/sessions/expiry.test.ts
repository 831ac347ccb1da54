import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SECOND } from '../../platform/runtime/clock.ts';
import { classifyReusedToken, GRACE } from './expiry.ts';

const NOW = Date.UTC(2026, 0, 1, 12);

/** A session whose token was rotated five seconds ago, and whose successor was used since. */
const rotated = {
  previous_token_hash: new Uint8Array(32),
  previous_issued_at: NOW - 10 * SECOND,
  previous_until: NOW - 5 * SECOND + GRACE,
  token_issued_at: NOW - 5 * SECOND,
  last_seen_at: NOW - SECOND,
};
const unused = { ...rotated, last_seen_at: rotated.token_issued_at - 1 };
/** Replaced at a change of privilege, when the old token died at once. */
const renewed = { ...rotated, previous_until: null };

describe('a replaced session token', () => {
  it('passes within the grace, and is evidence of theft after it once its successor was used', () => {
    assert.equal(classifyReusedToken(rotated, true, NOW), 'passes');
    assert.equal(classifyReusedToken(rotated, true, rotated.previous_until - 1), 'passes');
    assert.equal(classifyReusedToken(rotated, true, rotated.previous_until), 'theft');
  });

  it('A62: passes however late while its successor was not used', () => {
    for (const later of [0, GRACE, 1_000 * GRACE])
      assert.equal(classifyReusedToken(unused, true, NOW + later), 'passes');
    assert.equal(classifyReusedToken(unused, true, unused.token_issued_at - GRACE), 'refused', 'A59');
  });

  it('is refused and no alarm where it died at once and the response may have been lost', () => {
    assert.equal(classifyReusedToken(renewed, true, NOW), 'refused');
    assert.equal(classifyReusedToken(renewed, true, NOW + GRACE), 'theft');
    assert.equal(classifyReusedToken({ ...unused, previous_until: null }, true, NOW + GRACE), 'refused');
  });

  it('never passes where another token was replaced after it', () => {
    assert.equal(classifyReusedToken(rotated, false, NOW), 'refused');
    assert.equal(classifyReusedToken(rotated, false, NOW + GRACE), 'theft');
    assert.equal(
      classifyReusedToken({ ...rotated, previous_issued_at: null }, false, NOW + GRACE),
      'refused',
    );
  });
});
