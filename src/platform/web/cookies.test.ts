import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCookies } from './cookies.ts';

const request = (cookie: string) => new Request('http://localhost/', { headers: { cookie } });

describe('a cookie', () => {
  const plain = createCookies(false);
  const secure = createCookies(true);

  it('A45: is bound to this host on https, and never readable by scripts', () => {
    assert.equal(
      secure.set('session', 'token'),
      '__Host-latchkey=token; Path=/; HttpOnly; SameSite=Lax; Secure',
    );
    assert.equal(plain.set('session', 'token'), 'latchkey=token; Path=/; HttpOnly; SameSite=Lax');
  });

  it('expires with the browser session, or after the given seconds', () => {
    assert.doesNotMatch(secure.set('visitor', 'x'), /Max-Age|Expires/);
    assert.match(secure.set('flash', 'x', 60), /^__Host-latchkey-flash=x; Max-Age=60; /);
    assert.match(
      secure.clear('session'),
      /^__Host-latchkey=; Max-Age=0; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
  });

  it('is found among others by its whole name', () => {
    assert.equal(plain.read(request('a=b; latchkey=token; c=d'), 'session'), 'token');
    assert.equal(plain.read(request('latchkey=token'), 'session'), 'token');
    assert.equal(plain.read(request('latchkey=a=b=='), 'session'), 'a=b==', 'values may hold equal signs');
    assert.equal(plain.read(request(' latchkey = token ;'), 'session'), 'token');
    for (const other of [
      'latchkey-visitor=x',
      'xlatchkey=x',
      'LATCHKEY=x',
      'latchkey',
      'a="latchkey=x"',
      '=latchkey=x',
    ])
      assert.equal(plain.read(request(other), 'session'), null, other);
    assert.equal(plain.read(new Request('http://localhost/'), 'session'), null);
  });

  it('A45: is ignored if it is sent twice with different values', () => {
    assert.equal(plain.read(request('latchkey=one; latchkey=two'), 'session'), null);
    assert.equal(plain.read(request('latchkey=; latchkey=two'), 'session'), null);
    assert.equal(plain.read(request('latchkey=one; latchkey=one'), 'session'), 'one');
  });

  it('is ignored if it is empty', () => {
    assert.equal(plain.read(request('latchkey='), 'session'), null);
  });
});
