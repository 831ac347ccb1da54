import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeTime } from './hash-time.ts';

describe('the doctor’s check of the hash time', () => {
  it('warns from one second on', () => {
    assert.equal(judgeTime(999).verdict, 'ok');
    assert.equal(judgeTime(1_000).verdict, 'warning');
  });
});
