import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { startHttpServer } from '../kit/system.ts';
import { readAll, requestOverHttp2, sendOverSocket, sendRaw, startTlsServer } from '../kit/wire.ts';

const MOST = 10;
const ASK = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';
const ASK_ONCE = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
/** A request without its last byte. */
const BEGUN =
  'POST /login HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 6\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n';

async function connectTo(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** `MOST` connections, opened one after the other; each has sent a request and stays open. */
async function idleConnections(open: () => Promise<Socket>): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  for (let number = 0; number < MOST; number += 1) {
    const socket = await open();
    socket.write(ASK);
    await once(socket, 'data');
    sockets.push(socket);
  }
  return sockets;
}

const isOpen = async (socket: Socket): Promise<boolean> => {
  if (socket.destroyed || socket.readableEnded) return false;
  socket.write(ASK);
  return Promise.race([once(socket, 'data').then(() => true), once(socket, 'close').then(() => false)]).catch(
    () => false,
  );
};

describe('connections beyond the maximum', () => {
  it('A55: close the connection that has been idle for longest', async () => {
    await using server = await startHttpServer({ maxConnections: MOST });
    const [first, second, ...others] = await idleConnections(() => connectTo(server.port));
    assert.ok(first !== undefined && second !== undefined);
    assert.ok(await isOpen(first), 'used again, it is the last of the row now');
    const closed = once(second, 'close');
    assert.deepEqual((await sendRaw(server.port, ASK_ONCE)).statuses, [200]);
    await closed;
    for (const socket of [first, ...others]) assert.ok(await isOpen(socket));
    for (const socket of [first, ...others]) socket.destroy();
  });

  it('A55: are refused with 503 while all others are busy, and no busy connection is lost', async () => {
    await using server = await startHttpServer({ maxConnections: MOST });
    const busy = await Promise.all(
      Array.from({ length: MOST }, async () => {
        const socket = await connectTo(server.port);
        socket.write(BEGUN);
        await once(socket, 'data');
        return socket;
      }),
    );
    const { statuses, text } = await sendRaw(server.port, ASK_ONCE);
    assert.deepEqual(statuses, [503]);
    assert.match(text, /^retry-after: \d+\r$/im);
    assert.match(text, /^content-security-policy: /im);
    const answers = await Promise.all(busy.map((socket) => sendOverSocket(socket, 'csrf=x')));
    assert.deepEqual(new Set(answers.map(({ statuses }) => statuses.at(-1))), new Set([403]));
    assert.deepEqual((await sendRaw(server.port, ASK_ONCE)).statuses, [200], 'there is room again');
  });

  it('A55: do not keep other clients out over TLS by staying silent', async () => {
    await using server = await startTlsServer({ maxConnections: MOST });
    const silent = await Promise.all(Array.from({ length: 3 * MOST }, () => connectTo(server.port)));
    const closed = silent.map(readAll);
    for (let visitors = 0; visitors < 2 * MOST; visitors += 1) {
      const session = await server.connectHttp2();
      assert.equal((await requestOverHttp2(session, { ':path': '/healthz' })).status, 200);
    }
    await Promise.all(closed);
  });

  it('A55: close idle HTTP/2 sessions, but not those that wait for an answer', async () => {
    await using server = await startTlsServer({ maxConnections: MOST });
    const busy = await server.connectHttp2();
    const form = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
    const stream = busy.request({ ':method': 'POST', ':path': '/login', ...form });
    stream.write('csrf=');
    await requestOverHttp2(busy, { ':path': '/healthz' });
    const idle = await server.connectHttp2();
    await requestOverHttp2(idle, { ':path': '/healthz' });
    const closed = once(idle, 'close');
    await idleConnections(() => server.connect({ ALPNProtocols: ['http/1.1'] }));
    await closed;
    stream.resume().end('x');
    const [{ ':status': status }] = await once(stream, 'response');
    assert.equal(status, 403);
    busy.close();
  });
});
