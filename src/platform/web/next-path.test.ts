import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { safeNextPath } from './next-path.ts';

const ORIGIN = 'https://login.example.org';
const next = (text: string | null) => safeNextPath(text, ORIGIN);

/** What browsers, proxies and careless code would read as another place. */
const TRICKS = [
  ['//e.example', '///e.example', '////e.example', '/\\e.example', '\\/e.example', '\\\\e.example'],
  ['/\t/e.example', '/\n/e.example', '/\r/e.example', '\t//e.example', ' //e.example', '/\u2028/e.example'],
  [
    '/./\\e.example',
    '/.//e.example',
    '/..//e.example',
    '/a/..//e.example',
    '/%2e//e.example',
    '/.//.//.//e.example',
  ],
  [
    'https://e.example',
    'https:e.example',
    'https:/e.example',
    'http://login.example.org',
    'HTTPS://login.example.org/x',
  ],
  [
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'blob:https://login.example.org/x',
    'mailto:a@e.example',
  ],
  [
    'https://login.example.org@e.example',
    'https://login.example.org.e.example',
    '@e.example',
    'e.example',
    'dashboard',
    '',
  ],
  [
    '/%2fe.example',
    '/%2Fe.example',
    '/%5ce.example',
    '%2f%2fe.example',
    '/%09/e.example',
    '/%0d%0aLocation:x',
    '//%2fe.example',
  ],
  ['/x\r\nSet-Cookie: a=b', '/x\0', '/x\u0085', '/x\u0001'],
  ['?next=//e.example', '#//e.example', '.', '..', './x', '//', '/\\'],
].flat();

describe('the path to return to after sign-in', () => {
  it('leads to a page of this site, with its query and fragment', () => {
    for (const path of ['/dashboard', '/a/b?c=d&e=%2F#f', '/', '/search?q=a//b', '/caf%C3%A9', '/@home']) {
      assert.equal(next(path), path);
    }
    assert.equal(next('/a/../b'), '/b', 'written anew from what a browser would read');
    assert.equal(next('/café'), '/caf%C3%A9');
  });

  it('A27: leads to no other site, whatever is tried', () => {
    for (const trick of TRICKS) assert.equal(next(trick), null, JSON.stringify(trick));
    assert.equal(next(null), null);
  });

  it('is dropped if it is longer than 2,000 characters', () => {
    assert.equal(next(`/${'x'.repeat(1_999)}`), `/${'x'.repeat(1_999)}`);
    assert.equal(next(`/${'x'.repeat(2_000)}`), null);
    assert.equal(next(`/${'é'.repeat(1_000)}`), null, 'as long as it gets by being written anew');
  });

  it('A27: does not change when a browser parses it again', () => {
    for (const path of ['/a/../b', '/a/./b?c#d', '/a b', '/%2e%2e/x', '/x;y', '/x:8080', '/x//y']) {
      const written = next(path);
      assert.ok(written !== null, path);
      const read = new URL(written, ORIGIN);
      assert.equal(read.origin, ORIGIN);
      assert.equal(next(written), written);
    }
  });
});
