import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clientAddress } from './client-address.ts';

const from = (remoteAddress: unknown) => clientAddress({ incoming: { socket: { remoteAddress } } });

describe('the address of a client', () => {
  it('is that of its connection', () => {
    assert.equal(from('192.0.2.7'), '192.0.2.7');
    assert.equal(from('2001:db8::7'), '2001:db8::7');
  });

  it('is one and the same by way of IPv4 and of IPv6', () => {
    assert.equal(from('::ffff:192.0.2.7'), '192.0.2.7');
  });

  it('is unknown where nobody tells it', () => {
    for (const environment of [undefined, null, {}, { incoming: {} }, { incoming: { socket: {} } }, 'x'])
      assert.equal(clientAddress(environment), 'unknown');
    assert.equal(from(undefined), 'unknown', 'the connection is gone already');
  });
});
