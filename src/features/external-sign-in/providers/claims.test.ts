import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { claimsSchema, handleOf } from './claims.ts';

describe('the claims of an identity provider', () => {
  it('A22: mark an address as verified only by the boolean true', () => {
    const verified = (email_verified: unknown) =>
      claimsSchema.parse({ sub: 'x', email: 'a@example.org', email_verified }).email_verified;
    assert.equal(verified(true), true);
    for (const text of ['true', 'false', 1, 'TRUE', {}, [true], null, undefined])
      assert.equal(verified(text), false, JSON.stringify(text));
  });

  it('need a subject that can be stored whole', () => {
    for (const sub of ['x', 'x'.repeat(255), '{"a":1}', 'a b', ' ', 'x ', '~!"\'\\%_`'])
      assert.equal(claimsSchema.safeParse({ sub }).success, true, sub);
    for (const sub of ['', 'x'.repeat(256), 'ü', 'a\0', 'a\n', '\x7f', 7, null, undefined])
      assert.equal(claimsSchema.safeParse({ sub }).success, false, String(sub));
  });

  it('are ignored if they should be text and are not', () => {
    const { name, email } = claimsSchema.parse({ sub: 'x', name: ['Ada'], email: 7 });
    assert.deepEqual([name, email], [undefined, undefined]);
  });

  it('name a user by address or name, in one line of bounded length', () => {
    const handle = (more: object) => handleOf(claimsSchema.parse({ sub: 'x', ...more }));
    assert.equal(handle({ email: 'a@example.org', name: 'Ada' }), 'a@example.org');
    assert.equal(handle({ preferred_username: 'ada\r\nEve' }), 'adaEve');
    assert.equal(handle({ name: 'x'.repeat(1_000) })?.length, 254);
    assert.equal(handle({}), null);
  });
});
