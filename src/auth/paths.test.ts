import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isApiClient } from '../platform/web/index.ts';
import { loginPath } from './paths.ts';

const ORIGIN = 'https://login.example.org';

function asks(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Request {
  return new Request(`${ORIGIN}${path}`, { method, headers });
}

describe('an unauthenticated request', () => {
  it('comes from an API client if it wants JSON, sends credentials or asks for an API path', () => {
    assert.equal(isApiClient(asks('/api/session')), true);
    assert.equal(isApiClient(asks('/', { authorization: 'Bearer x' })), true);
    for (const accept of ['application/json', 'application/problem+json, */*', 'APPLICATION/JSON'])
      assert.equal(isApiClient(asks('/', { accept })), true, accept);
  });

  it('comes from a browser otherwise', () => {
    assert.equal(isApiClient(asks('/dashboard')), false);
    assert.equal(isApiClient(asks('/apis')), false);
    for (const accept of [
      'text/html,application/xhtml+xml,*/*;q=0.8',
      '*/*',
      'text/html, application/json',
      'x/jsonp',
    ])
      assert.equal(isApiClient(asks('/', { accept })), false, accept);
  });

  it('is sent to the sign-in page, with a path back only if it can be repeated', () => {
    assert.equal(loginPath(asks('/a/b?c=d&e=%2F')), '/login?next=%2Fa%2Fb%3Fc%3Dd%26e%3D%252F');
    assert.equal(loginPath(asks('/a', {}, 'HEAD')), '/login?next=%2Fa');
    for (const method of ['POST', 'PUT', 'DELETE']) assert.equal(loginPath(asks('/a', {}, method)), '/login');
  });
});
