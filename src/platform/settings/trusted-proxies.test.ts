import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { trustedProxies } from './trusted-proxies.ts';

/** Whether each address is trusted by what was set. */
function trusts(text: string, addresses: readonly string[]): readonly boolean[] {
  return addresses.map(trustedProxies.parse(text));
}

const problemOf = (text: string) => trustedProxies.safeParse(text).error?.issues[0]?.message ?? '';

describe('TRUSTED_PROXIES', () => {
  it('accepts addresses and networks of both families', () => {
    const text = '192.0.2.1, 10.1.0.0/16 2001:db8::/48,2001:db8:1::1';
    assert.deepEqual(trusts(text, ['192.0.2.1', '10.1.2.3', '2001:db8::9', '2001:db8:1::1']), [
      true,
      true,
      true,
      true,
    ]);
    assert.deepEqual(trusts(text, ['192.0.2.2', '10.2.0.1', '2001:db8:2::', '2001:db8:1::2']), [
      false,
      false,
      false,
      false,
    ]);
  });

  it('reads an IPv4 network that is written as IPv6', () => {
    assert.deepEqual(trusts('::ffff:10.0.0.0/104, ::ffff:192.0.2.1', ['10.9.9.9', '11.0.0.1', '192.0.2.1']), [
      true,
      false,
      true,
    ]);
  });

  it('knows the words loopback and private', () => {
    assert.deepEqual(trusts('loopback', ['127.0.0.1', '127.9.9.9', '::1', '10.0.0.1']), [
      true,
      true,
      true,
      false,
    ]);
    const inside = ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.9.9', 'fd00::1'];
    assert.deepEqual(
      trusts('Private', inside),
      inside.map(() => true),
    );
    assert.deepEqual(trusts('private', ['172.32.0.1', '11.0.0.1', '2001:db8::1', '127.0.0.1']), [
      false,
      false,
      false,
      false,
    ]);
  });

  it('A57: refuses to trust all addresses, and says why', () => {
    const wholeInternet = [
      'all',
      '*',
      'any',
      'TRUE',
      '0.0.0.0/0',
      '::/0',
      '10.0.0.1/0',
      '0.0.0.0/1',
      '128.0.0.0/1',
    ];
    for (const text of [
      ...wholeInternet,
      '2000::/3',
      '::ffff:0:0/96',
      '::/8',
      '::/80',
      '::ffff:0:0/97',
      'loopback, 0.0.0.0/0',
    ])
      assert.match(problemOf(text), /a trusted proxy may claim any address/, text);
  });

  it('refuses text that is no network, and gives an example of one', () => {
    for (const text of [
      'proxy.internal',
      '10.0.0.0/33',
      '::1/129',
      '10.0.0/8',
      '1.2.3.4/-1',
      'fe80::1%eth0',
      '10.0.0.0/8/8',
    ])
      assert.match(problemOf(text), /which is no network; give networks such as 10\.1\.0\.0\/16/, text);
  });
});
