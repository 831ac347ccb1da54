import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isPublicAddress } from './ip-address.ts';

describe('A26: an IP address', () => {
  it('is public if it is globally reachable unicast', () => {
    for (const address of [
      '1.1.1.1',
      '8.8.8.8',
      '172.15.0.1',
      '172.32.0.1',
      '100.128.0.1',
      '2606:4700::1111',
    ])
      assert.equal(isPublicAddress(address), true, address);
  });

  it('is not public if it is loopback, private, reserved, multicast or malformed', () => {
    for (const address of [
      ...['127.0.0.1', '127.255.255.254', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.0.1'],
      ...['169.254.169.254', '100.64.0.1', '0.0.0.0', '192.0.2.1', '198.51.100.1', '203.0.113.1'],
      ...['224.0.0.1', '255.255.255.255', '::', '::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::7f00:1'],
      ...[
        'fc00::1',
        'fd12::1',
        'fe80::1',
        'ff02::1',
        '64:ff9b::808:808',
        '2001::1',
        '2001:db8::1',
        '4000::1',
        '2606:4700::1111%eth0',
        '198.18.0.1',
        '240.0.0.1',
        '2002:808:808::',
      ],
      ...['', 'localhost', '2130706433', '0x7f.1', '127.1', '[::1]', '1.1.1.1 '],
    ])
      assert.equal(isPublicAddress(address), false, address);
  });
});
