import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSecrets } from '../crypto/secrets.ts';
import { type CsrfBinding, createCsrf, originFault } from './csrf.ts';
import { sign } from './signatures.ts';

const OLD = 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu';
const NEW = 'W5xQ1oTi8NvB3rCk7ZyP0mDf6GhL2sJa';
const VISITOR: CsrfBinding = ['visitor', 'the visitor'];
const SESSION: CsrfBinding = ['session', 'the session'];

describe('a CSRF token', () => {
  const secrets = createSecrets([OLD]);
  const csrf = createCsrf(secrets);

  it('A29: is valid only for the visitor or the session it was made for', () => {
    assert.equal(csrf.isValid(VISITOR, csrf.token(VISITOR)), true);
    assert.equal(csrf.isValid(SESSION, csrf.token(SESSION)), true);
    const others: readonly CsrfBinding[] = [
      ['visitor', 'another visitor'],
      ['session', 'the visitor'],
      SESSION,
    ];
    for (const other of others) assert.equal(csrf.isValid(other, csrf.token(VISITOR)), false);
  });

  it('differs each time, so that compression cannot reveal it', () => {
    const tokens = new Set(Array.from({ length: 100 }, () => csrf.token(SESSION).slice(0, 22)));
    assert.equal(tokens.size, 100);
  });

  it('A29: is invalid once any part of it was changed or left out', () => {
    const token = csrf.token(SESSION);
    const flipped = (at: number) =>
      `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
    for (const wrong of [
      '',
      token.slice(1),
      token.slice(0, -1),
      token.slice(0, 22),
      token.slice(22),
      flipped(0),
      flipped(30),
    ])
      assert.equal(csrf.isValid(SESSION, wrong), false, wrong);
  });

  it('stays valid during a secret rotation, until the old secret is removed', () => {
    const token = csrf.token(SESSION);
    assert.equal(createCsrf(createSecrets([NEW, OLD])).isValid(SESSION, token), true);
    assert.equal(createCsrf(createSecrets([NEW])).isValid(SESSION, token), false);
  });

  it('is invalid if it was signed for another purpose, even over the same parts', () => {
    const token = csrf.token(SESSION);
    const [nonce, start] = [token.slice(0, 22), token.slice(0, 65)];
    const parts = ['session', 'the session', nonce, ''];
    assert.equal(csrf.isValid(SESSION, start + sign(secrets.keys('csrf'), parts)), true);
    assert.equal(csrf.isValid(SESSION, start + sign(secrets.keys('flash'), parts)), false);
  });

  it('A61: carries the flow that its form was drawn for, which cannot be exchanged', () => {
    const [own, other] = ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb'];
    const token = csrf.token(VISITOR, own);
    assert.deepEqual([csrf.isValid(VISITOR, token), csrf.flowOf(token)], [true, own]);
    assert.equal(csrf.isValid(VISITOR, token.replace(own, other)), false);
    assert.equal(csrf.isValid(VISITOR, csrf.token(VISITOR) + own), false);
    assert.equal(csrf.flowOf(csrf.token(VISITOR)), '');
  });

  it('is recognized as made here when it was bound to another browser or session', () => {
    assert.equal(csrf.isOurs(csrf.token(VISITOR)), true);
    for (const forged of ['', 'x', 'A'.repeat(108), `${csrf.token(VISITOR)}x`])
      assert.equal(csrf.isOurs(forged), false, forged);
  });
});

describe('a state-changing request', () => {
  const ORIGIN = 'https://login.example.org';
  const fault = (headers: Readonly<Record<string, string>>) =>
    originFault(new Request(ORIGIN, { method: 'POST', headers }), ORIGIN);

  it('A29: is accepted if Sec-Fetch-Site is same-origin or none, and refused otherwise', () => {
    assert.equal(fault({ 'sec-fetch-site': 'same-origin', origin: ORIGIN }), null);
    assert.equal(fault({ 'sec-fetch-site': 'none' }), null, 'somebody repeats it by hand');
    for (const site of ['same-site', 'cross-site', '', 'SAME-ORIGIN', 'same-origin, cross-site'])
      assert.equal(fault({ 'sec-fetch-site': site, origin: ORIGIN }), 'cross-site', site);
  });

  it('A29: needs the Origin of this site if the browser sends no Sec-Fetch-Site', () => {
    assert.equal(fault({ origin: ORIGIN }), null);
    for (const origin of [
      'http://login.example.org',
      'https://login.example.org:8443',
      `${ORIGIN}.evil.example`,
      `${ORIGIN}/`,
      '',
    ])
      assert.equal(fault({ origin }), 'cross-site', origin);
    for (const headers of [{}, { origin: 'null' }, { referer: `${ORIGIN}/login` }])
      assert.equal(fault(headers), 'no-origin', JSON.stringify(headers));
  });
});
