import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { statusOfClientError } from './broken-requests.ts';

describe('a malformed request', () => {
  it('A55: is answered by its fault: 408 if too slow, 431 if too large, 400 otherwise', () => {
    const error = (code: string) => Object.assign(new Error('parser'), { code });
    assert.equal(statusOfClientError(error('ERR_HTTP_REQUEST_TIMEOUT')), 408);
    assert.equal(statusOfClientError(error('HPE_HEADER_OVERFLOW')), 431);
    assert.equal(statusOfClientError(error('HPE_INVALID_METHOD')), 400);
    assert.equal(statusOfClientError(new Error('anything')), 400);
  });
});
