import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reachInside, startSystem } from '../../tests/kit/system.ts';
import { createConnections } from './connections.ts';
import { createPlainServer } from './node-server.ts';

describe('the server', () => {
  it('A55: limits how long a request may take and how long a client may be silent', async () => {
    await using system = await startSystem();
    const server = createPlainServer(
      reachInside(system, 'createPlainServer takes a System'),
      createConnections(10),
    );
    assert.equal(server.headersTimeout, 15_000);
    assert.equal(server.requestTimeout, 30_000);
    assert.equal(server.keepAliveTimeout, 65_000);
    assert.equal(server.timeout, 120_000);
    assert.ok(server.headersTimeout < server.requestTimeout && server.requestTimeout < server.timeout);
  });
});
