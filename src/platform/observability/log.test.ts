import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeError } from './log.ts';

describe('the log', () => {
  it('names an error and where it was thrown, without its message, which may repeat what a user typed', () => {
    const error = Object.assign(new TypeError('no such user: correct horse\nbattery staple'), {
      code: 'E_USER',
    });
    const described = describeError(error);
    assert.ok(typeof described === 'object');
    assert.deepEqual([described.name, described.code], ['TypeError', 'E_USER']);
    assert.match(described.stack, /^ {4}at .*log\.test\.ts/);
    assert.doesNotMatch(JSON.stringify(described), /correct horse|battery staple/);
  });

  it('says no more of a thrown value that is no error than its type', () => {
    assert.equal(describeError('correct horse'), 'string');
  });
});
