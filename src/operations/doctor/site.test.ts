import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { describe, it } from 'node:test';
import { freePort } from '../../../tests/kit/temporary.ts';
import { get, valuesOf } from './site.ts';

async function startServer(listener: RequestListener) {
  const port = await freePort();
  const server = createServer(listener).listen(port, 'localhost');
  await once(server, 'listening');
  return {
    target: { isSecure: false, hostname: 'localhost', port },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a request by the doctor to a server', () => {
  it('returns each header as it was sent, including repeated ones', async () => {
    await using server = await startServer((_, outgoing) => {
      outgoing.writeHead(404, ['X-One', 'a', 'x-one', 'b', 'Set-Cookie', 'c=d']).end('no');
    });
    const answer = await get(server.target, { path: '/x' });
    assert.deepEqual([answer.status, answer.body], [404, 'no']);
    assert.deepEqual(valuesOf(answer, 'x-one'), ['a', 'b']);
    assert.deepEqual(valuesOf(answer, 'set-cookie'), ['c=d']);
    assert.deepEqual(valuesOf(answer, 'x-none'), []);
  });

  it('reads no more than 64 KB of an endless response', async () => {
    await using server = await startServer((_, outgoing) => {
      const write = () => {
        while (outgoing.writable && outgoing.write('x'.repeat(10_000)));
      };
      outgoing.on('drain', write);
      write();
    });
    assert.equal((await get(server.target, { path: '/' })).body.length, 64 * 1_024);
  });

  it('times out if the server sends nothing, or only part of a response', async () => {
    await using silent = await startServer(() => {});
    await assert.rejects(get(silent.target, { path: '/' }, 20), /abort|timeout/i);
    await using halting = await startServer((_, outgoing) => {
      outgoing.writeHead(200);
      outgoing.write('and then');
    });
    await assert.rejects(get(halting.target, { path: '/' }, 200), /abort|timeout/i);
  });
});
