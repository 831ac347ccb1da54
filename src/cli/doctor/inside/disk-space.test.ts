import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeSpace } from './disk-space.ts';

const MEBIBYTE = 1_048_576;

describe('the doctor’s check of the disk space', () => {
  it('warns below 1 GiB and fails below 100 MiB', () => {
    assert.equal(judgeSpace(99 * MEBIBYTE).verdict, 'fault');
    assert.equal(judgeSpace(100 * MEBIBYTE).verdict, 'warning');
    assert.equal(judgeSpace(1_023 * MEBIBYTE).verdict, 'warning');
    assert.equal(judgeSpace(1_024 * MEBIBYTE).verdict, 'ok');
  });
});
