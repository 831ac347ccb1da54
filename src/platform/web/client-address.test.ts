import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { trustedProxies } from '../settings/trusted-proxies.ts';
import { createClientAddress } from './client-address.ts';

const connectionFrom = (remoteAddress: unknown) => ({ incoming: { socket: { remoteAddress } } });
const withoutProxies = createClientAddress(null);
const from = (remoteAddress: unknown) => withoutProxies(new Headers(), connectionFrom(remoteAddress));

const PROXY = '10.0.0.1';
const proxies = trustedProxies.parse('10.0.0.0/8, fd00::/8');
const behindProxies = createClientAddress(proxies);

type Lines = Readonly<Record<string, string | readonly string[]>>;

function headersOf(lines: Lines): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(lines)) {
    for (const value of typeof values === 'string' ? [values] : values) headers.append(name, value);
  }
  return headers;
}

const addressFrom = (lines: Lines, peer = PROXY) => behindProxies(headersOf(lines), connectionFrom(peer));

describe('the address of a client', () => {
  it('is the address of its connection', () => {
    assert.equal(from('192.0.2.7'), '192.0.2.7');
    assert.equal(from('2001:db8::7'), '2001:db8::7');
  });

  it('is the same over IPv4 and over IPv4-mapped IPv6', () => {
    assert.equal(from('::ffff:192.0.2.7'), '192.0.2.7');
  });

  it('is unknown if the connection has none', () => {
    for (const environment of [undefined, null, {}, { incoming: {} }, { incoming: { socket: {} } }, 'x'])
      assert.equal(withoutProxies(new Headers(), environment), 'unknown');
    assert.equal(from(undefined), 'unknown', 'the connection is closed already');
    assert.equal(behindProxies(headersOf({ 'x-forwarded-for': '1.2.3.4' }), undefined), 'unknown');
  });
});

describe('the address of a client behind a trusted proxy', () => {
  it('A08: is the nearest hop that is no trusted proxy, whatever is before it', () => {
    const cases = [
      ['192.0.2.7', '192.0.2.7'],
      ['6.6.6.6, 192.0.2.7', '192.0.2.7'],
      ['6.6.6.6, 192.0.2.7, 10.0.0.9, 10.0.0.8', '192.0.2.7'],
      ['6.6.6.6, 10.0.0.9', '6.6.6.6'],
      ['10.0.0.9, 10.0.0.8', '10.0.0.9'],
      [' , 192.0.2.7 , ', '192.0.2.7'],
    ] as const;
    for (const [line, address] of cases) {
      assert.equal(addressFrom({ 'x-forwarded-for': line }), address, line);
      const elements = line.split(',').filter((element) => element.trim() !== '');
      const forwarded = elements.map((element) => `for=${element.trim()}`).join(', ');
      assert.equal(addressFrom({ forwarded }), address, forwarded);
    }
  });

  it('is read in every form that a proxy writes', () => {
    const cases = [
      ['192.0.2.7:4711', 'for="192.0.2.7:4711"', '192.0.2.7'],
      ['2001:DB8:0::7', 'for="[2001:DB8:0::7]"', '2001:db8::7'],
      ['[2001:db8::7]:443', 'For="[2001:db8::7]:443";proto=https;by=_x', '2001:db8::7'],
      ['::ffff:192.0.2.7', 'proto=http; FOR="[::ffff:c000:207]"; host="a\\"b,c"', '192.0.2.7'],
    ] as const;
    for (const [forwardedFor, forwarded, address] of cases) {
      assert.equal(addressFrom({ 'x-forwarded-for': forwardedFor }), address, forwardedFor);
      assert.equal(addressFrom({ forwarded }), address, forwarded);
    }
  });

  it('is the same on one line and on several', () => {
    assert.equal(addressFrom({ 'x-forwarded-for': ['6.6.6.6', '192.0.2.7', '10.0.0.9'] }), '192.0.2.7');
    assert.equal(addressFrom({ forwarded: ['for=6.6.6.6', 'for=192.0.2.7', 'for=10.0.0.9'] }), '192.0.2.7');
  });

  it('is the nearest known hop if a proxy hides or does not know the next', () => {
    for (const node of ['unknown', '_hidden', '_SEVKISEK', 'localhost', '1.2.3', '999.1.1.1', 'fe80::1%eth0'])
      assert.equal(addressFrom({ 'x-forwarded-for': `6.6.6.6, ${node}, 10.0.0.9` }), '10.0.0.9', node);
    for (const node of ['unknown', '"_hidden"', '"[192.0.2.7]"', '"[2001:db8::7"'])
      assert.equal(addressFrom({ forwarded: `for=6.6.6.6, for=${node}, for=10.0.0.9` }), '10.0.0.9', node);
    assert.equal(addressFrom({ forwarded: 'for=6.6.6.6, proto=https, for=10.0.0.9' }), '10.0.0.9');
  });

  it('A08: is the proxy’s own if Forwarded is malformed, as an open quote could hide the true hop', () => {
    const malformed = [
      'for=", for=192.0.2.7',
      'for="x, for="[2001:db8::7]"',
      'for=6.6.6.6 for=192.0.2.7',
      'for=6.6.6.6;for=192.0.2.7',
      'for=2001:db8::7',
      'for=6.6.6.6, ;, for=192.0.2.7',
      '192.0.2.7',
      'for',
    ];
    for (const forwarded of malformed) assert.equal(addressFrom({ forwarded }), PROXY, forwarded);
  });

  it('A08: is the proxy’s own if both headers are present and disagree', () => {
    const both = (forwarded: string) => addressFrom({ 'x-forwarded-for': '192.0.2.7', forwarded });
    assert.equal(both('for=192.0.2.7'), '192.0.2.7');
    assert.equal(both('for=6.6.6.6'), PROXY);
    assert.equal(both('for="'), PROXY);
  });

  it('A08: is the address of the connection if the peer is not trusted', () => {
    const lines = { 'x-forwarded-for': '6.6.6.6' };
    for (const peer of ['192.0.2.1', '11.0.0.1', '2001:db8::1', '::ffff:192.0.2.1'])
      assert.equal(addressFrom(lines, peer), peer.replace('::ffff:', ''));
    for (const peer of ['10.255.255.255', '::ffff:10.0.0.1', 'fd12::1'])
      assert.equal(addressFrom(lines, peer), '6.6.6.6');
  });

  it('A08: is read from no other header that claims to know it', () => {
    for (const name of ['x-real-ip', 'cf-connecting-ip', 'true-client-ip', 'x-client-ip', 'via', 'client-ip'])
      assert.equal(addressFrom({ [name]: '6.6.6.6' }), PROXY, name);
  });

  it('I17: is read from the one header that the setting names, whatever the other says', () => {
    const lines = { 'x-forwarded-for': '192.0.2.7', forwarded: 'for=192.0.2.8' };
    const read = (header: 'x-forwarded-for' | 'forwarded') =>
      createClientAddress(proxies, header)(headersOf(lines), connectionFrom(PROXY));
    assert.equal(addressFrom(lines), PROXY);
    assert.equal(read('x-forwarded-for'), '192.0.2.7');
    assert.equal(read('forwarded'), '192.0.2.8');
  });
});
