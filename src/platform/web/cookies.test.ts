import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Cookie, type Cookies, createCookies, webCookies } from './cookies.ts';

const request = (cookie: string) => new Request('http://localhost/', { headers: { cookie } });

const main: Cookie = { name: 'session', isMain: true, purpose: '' };

describe('a cookie', () => {
  const lineOf = (write: (carrier: Parameters<Cookies['clear']>[0]) => void) => {
    const carrier = { request: request(''), cookies: new Map<string, string>() };
    write(carrier);
    return String([...carrier.cookies.values()]);
  };
  const plain = createCookies({ isSecure: false, cookiePrefix: 'latchkey' });
  const secure = createCookies({ isSecure: true, cookiePrefix: 'latchkey' });

  it('A45: is bound to this host on https, and never readable by scripts', () => {
    assert.equal(
      lineOf((to) => secure.set(to, main, 'token')),
      '__Host-latchkey=token; Path=/; HttpOnly; SameSite=Lax; Secure',
    );
    assert.equal(
      lineOf((to) => plain.set(to, main, 'token')),
      'latchkey=token; Path=/; HttpOnly; SameSite=Lax',
    );
  });

  it('expires with the browser session, or after the given seconds', () => {
    assert.doesNotMatch(
      lineOf((to) => secure.set(to, webCookies.visitor, 'x')),
      /Max-Age|Expires/,
    );
    assert.match(
      lineOf((to) => secure.set(to, webCookies.flash, 'x', 60)),
      /^__Host-latchkey-flash=x; Max-Age=60; /,
    );
    assert.match(
      lineOf((to) => secure.clear(to, main)),
      /^__Host-latchkey=; Max-Age=0; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
  });

  it('is found among others by its whole name', () => {
    assert.equal(plain.read(request('a=b; latchkey=token; c=d'), main), 'token');
    assert.equal(plain.read(request('latchkey=token'), main), 'token');
    assert.equal(plain.read(request('latchkey=a=b=='), main), 'a=b==', 'values may hold equal signs');
    assert.equal(plain.read(request(' latchkey = token ;'), main), 'token');
    for (const other of [
      'latchkey-visitor=x',
      'xlatchkey=x',
      'LATCHKEY=x',
      'latchkey',
      'a="latchkey=x"',
      '=latchkey=x',
    ])
      assert.equal(plain.read(request(other), main), null, other);
    assert.equal(plain.read(new Request('http://localhost/'), main), null);
  });

  it('A45: is ignored if it is sent twice with different values', () => {
    assert.equal(plain.read(request('latchkey=one; latchkey=two'), main), null);
    assert.equal(plain.read(request('latchkey=; latchkey=two'), main), null);
    assert.equal(plain.read(request('latchkey=one; latchkey=one'), main), 'one');
  });

  it('is ignored if it is empty', () => {
    assert.equal(plain.read(request('latchkey='), main), null);
  });
});
