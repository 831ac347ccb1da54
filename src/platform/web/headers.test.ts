import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IMMUTABLE, NO_STORE, securityHeaders } from './headers.ts';

describe('the fixed headers', () => {
  it('let a page load from its own origin alone, run no inline code, and be framed by no site', () => {
    const policy = new Map(
      String(securityHeaders(true)['content-security-policy'])
        .split('; ')
        .map((directive) => [directive.split(' ')[0], directive.split(' ').slice(1).join(' ')]),
    );
    assert.equal(policy.get('default-src'), "'none'", 'what is not named is forbidden');
    for (const [directive, sources] of policy) assert.match(String(sources), /^'(none|self)'$/, directive);
    for (const none of ['frame-ancestors', 'base-uri']) assert.equal(policy.get(none), "'none'");
  });

  it('send HSTS on https only', () => {
    assert.match(String(securityHeaders(true)['strict-transport-security']), /^max-age=63072000;/);
    assert.equal('strict-transport-security' in securityHeaders(false), false);
  });

  it('contain only printable ASCII', () => {
    const headers = new Headers({ ...securityHeaders(true), ...NO_STORE });
    for (const [name, value] of headers) assert.match(value, /^[ -~]+$/, name);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.match(String(IMMUTABLE['cache-control']), /immutable/);
  });
});
