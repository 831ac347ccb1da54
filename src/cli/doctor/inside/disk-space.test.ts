import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeSpace } from './disk-space.ts';

const MEBIBYTE = 1_048_576;

describe('the disk of a database', () => {
  it('wants room for it to grow', () => {
    assert.equal(judgeSpace(99 * MEBIBYTE).verdict, 'fault');
    assert.equal(judgeSpace(100 * MEBIBYTE).verdict, 'warning');
    assert.equal(judgeSpace(1_023 * MEBIBYTE).verdict, 'warning');
    assert.equal(judgeSpace(1_024 * MEBIBYTE).verdict, 'ok');
  });
});
