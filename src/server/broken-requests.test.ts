import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { statusOfClientError } from './broken-requests.ts';

describe('bytes that never became a request', () => {
  it('A55: are answered by what was wrong with them: too slow, too large, or no HTTP', () => {
    const error = (code: string) => Object.assign(new Error('parser'), { code });
    assert.equal(statusOfClientError(error('ERR_HTTP_REQUEST_TIMEOUT')), 408);
    assert.equal(statusOfClientError(error('HPE_HEADER_OVERFLOW')), 431);
    assert.equal(statusOfClientError(error('HPE_INVALID_METHOD')), 400);
    assert.equal(statusOfClientError(new Error('anything')), 400);
  });
});
