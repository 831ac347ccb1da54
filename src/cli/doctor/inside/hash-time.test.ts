import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeTime } from './hash-time.ts';

describe('the time of a hash', () => {
  it('that keeps people waiting for a second is a warning', () => {
    assert.equal(judgeTime(999).verdict, 'ok');
    assert.equal(judgeTime(1_000).verdict, 'warning');
  });
});
