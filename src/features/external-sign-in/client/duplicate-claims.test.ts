import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasDuplicates } from './duplicate-claims.ts';

const tokenOf = (header: string, claims: string) =>
  [header, claims, 'signature'].map((part) => Buffer.from(part).toString('base64url')).join('.');

describe('A25: a token with a duplicate name', () => {
  it('is detected in every spelling of the name and at every depth', () => {
    for (const claims of [
      '{"sub":"ada","sub":"eve"}',
      '{"sub":"ada","s\\u0075b":"eve"}',
      '{ "sub" : "ada" , "x" : {"a":[1,{"b":"}"}]} , "sub" : "eve" }',
      '{"address":{"city":"x","city":"y"}}',
    ])
      assert.equal(hasDuplicates(tokenOf('{"alg":"RS256"}', claims)), true, claims);
    assert.equal(hasDuplicates(tokenOf('{"alg":"RS256","alg":"none"}', '{"sub":"ada"}')), true);
  });

  it('is not suspected for equal values or equal names in different objects', () => {
    for (const claims of [
      '{"sub":"sub","name":"sub"}',
      '{"groups":["a","a","sub"],"sub":"x"}',
      '{"a":{"sub":1},"b":{"sub":1},"sub":"\\",\\"sub\\":"}',
      '{}',
    ])
      assert.equal(hasDuplicates(tokenOf('{"alg":"RS256"}', claims)), false, claims);
  });
});
