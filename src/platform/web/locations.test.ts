import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLocations, onwardPath } from './locations.ts';

const mount = { baseUrl: new URL('https://example.org'), basePath: '/auth', trustedOrigins: [] };
const below = createLocations(mount, '/dashboard');
const atRoot = createLocations({ ...mount, basePath: '' }, '/dashboard');

describe('where pages lie', () => {
  it('is below the base path, and what each site has once at its root', () => {
    assert.equal(below.ofRoute({ path: '/login' }), '/auth/login');
    assert.equal(below.ofRoute({ path: '/' }), '/auth');
    assert.equal(below.ofRoute({ path: '/healthz', isOfSite: true }), '/healthz');
    assert.equal(below.ofRoute({ path: '/.well-known/change-password' }), '/.well-known/change-password');
    assert.equal(atRoot.ofRoute({ path: '/' }), '/');
  });

  it('is the same for redirects and for addresses in mails', () => {
    assert.equal(below.of('/login?next=%2F'), '/auth/login?next=%2F');
    assert.equal(below.url('/verify-email?token=1').href, 'https://example.org/auth/verify-email?token=1');
    assert.equal(atRoot.of('/login'), '/login');
  });

  it('does not change what leads to the application or to another origin', () => {
    assert.equal(below.of('https://example.org/notes'), '/notes');
    assert.equal(below.of('https://example.org.evil.example/'), 'https://example.org.evil.example/');
    assert.equal(below.of('https://app.example.org/notes'), 'https://app.example.org/notes');
  });
});

describe('a next path', () => {
  it('leads where a browser would go, to pages of Latchkey and of the application', () => {
    for (const next of [
      '/auth/account?x=1',
      '/auth/account',
      '/notes',
      '/authors',
      '/auth-2',
      '/',
      '/auth?x#y',
    ])
      assert.equal(below.of(below.onward(next)).replace(/\/(?=$|[?#])/, ''), next.replace(/\/$/, ''), next);
    assert.equal(onwardPath('/account', mount), 'https://example.org/account', 'a page of the application');
    assert.equal(onwardPath('/auth/account', mount), '/account', 'a page of Latchkey');
    assert.equal(atRoot.onward('/account'), '/account');
  });

  it('leads to the page after signing in where none is wanted', () => {
    assert.equal(below.of(below.onward(null)), '/auth/dashboard');
    const home = onwardPath('/notes', mount);
    assert.equal(below.of(createLocations(mount, home).onward(null)), '/notes');
  });
});
