import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { SERVER_LIMITS, type ServerLimits } from '../../src/server/limits.ts';
import { startHttpServer } from '../kit/system.ts';
import {
  FLAG,
  FRAME,
  fields,
  frame,
  readAll,
  requestOverHttp2,
  speakHttp2,
  startTlsServer,
  type TlsServer,
} from '../kit/wire.ts';

/** The limits of the server at a fraction of their times. Each test shortens the one that it is about. */
const limits = (shorter: Partial<ServerLimits>) => ({
  limits: { ...SERVER_LIMITS, checkInterval: 10, ...shorter },
});

const FORM = 'Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\n';
const SLOW_BODY = `POST /login HTTP/1.1\r\nHost: localhost\r\n${FORM}Content-Length: 6\r\n\r\ncsrf`;

/** Repeats an action until the server ends the connection. */
function dripping(socket: Socket, drip: () => void): () => void {
  const timer = setInterval(drip, 5);
  const stop = () => clearInterval(timer);
  // Between the end of what the server sends and the close, a write would throw.
  socket.once('end', stop).once('close', stop);
  return stop;
}

async function connectTo(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** The same must hold over plain HTTP and over TLS. */
const DOORS = [
  {
    name: 'over plain HTTP',
    open: async (shorter: Partial<ServerLimits>) => {
      const server = await startHttpServer({}, limits(shorter));
      return { server, connect: () => connectTo(server.port) };
    },
  },
  {
    name: 'over TLS',
    open: async (shorter: Partial<ServerLimits>) => {
      const server = await startTlsServer({}, limits(shorter));
      return { server, connect: (): Promise<Socket> => server.connect({ ALPNProtocols: ['http/1.1'] }) };
    },
  },
];

for (const { name, open } of DOORS) {
  describe(`a slow HTTP/1.1 client ${name}`, () => {
    it('A55: that sends its headers byte by byte is answered with 408', async () => {
      const { server, connect } = await open({ headersTime: 100 });
      await using _ = server;
      const socket = await connect();
      const answer = readAll(socket);
      socket.write('GET /login HTTP/1.1\r\nHost: localhost\r\nX-A: ');
      dripping(socket, () => socket.write('a'));
      assert.match(await answer, /^HTTP\/1\.1 408 Request Timeout\r\n[\s\S]*content-security-policy: /);
    });

    it('A55: that does not finish its body is answered with 408', async () => {
      const { server, connect } = await open({ headersTime: 100, requestTime: 100 });
      await using _ = server;
      const socket = await connect();
      socket.write(SLOW_BODY);
      assert.match(await readAll(socket), /^HTTP\/1\.1 408 Request Timeout\r\n/);
    });

    it('A55: that sends nothing at all is disconnected', async () => {
      const { server, connect } = await open({ headersTime: 100 });
      await using _ = server;
      const socket = await connect();
      assert.match(await readAll(socket), /^(HTTP\/1\.1 408 |$)/);
    });

    it('A55: that sends no further request is disconnected', async () => {
      const { server, connect } = await open({ keepAliveTime: 50 });
      await using _ = server;
      const socket = await connect();
      socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
      assert.match(await readAll(socket), /^HTTP\/1\.1 200 OK\r\n/);
    });
  });
}

/** A connection that has negotiated HTTP/2. */
async function wireTo(server: TlsServer) {
  const socket = await server.connect({ ALPNProtocols: ['h2'] });
  return { socket, wire: speakHttp2(socket) };
}

const request = (server: TlsServer, method: string, path: string) =>
  fields([
    [':method', method],
    [':path', path],
    [':scheme', 'https'],
    [':authority', `localhost:${server.port}`],
  ]);

describe('a slow HTTP/2 client', () => {
  it('A55: that sends no request is disconnected, however often it pings', async () => {
    await using server = await startTlsServer({}, limits({ headersTime: 100 }));
    const { socket, wire } = await wireTo(server);
    dripping(socket, () => wire.send(frame(FRAME.ping, 0, 0, Buffer.alloc(8))));
    await wire.closed;
  });

  it('A55: that sends its headers piece by piece is disconnected', async () => {
    await using server = await startTlsServer({}, limits({ headersTime: 100 }));
    const { socket, wire } = await wireTo(server);
    wire.send(frame(FRAME.headers, FLAG.endStream, 1, request(server, 'GET', '/login')));
    let sent = 0;
    // So few that their number alone is no reason to end it.
    dripping(socket, () => {
      if (sent++ < 5) wire.send(frame(FRAME.continuation, 0, 1, fields([['x', 'y']])));
    });
    await wire.closed;
  });

  it('A55: that sends no further request is disconnected, however often it pings', async () => {
    await using server = await startTlsServer({}, limits({ keepAliveTime: 100 }));
    const { socket, wire } = await wireTo(server);
    wire.send(frame(FRAME.headers, FLAG.endStream | FLAG.endHeaders, 1, request(server, 'GET', '/healthz')));
    dripping(socket, () => wire.send(frame(FRAME.ping, 0, 0, Buffer.alloc(8))));
    await wire.closed;
    assert.ok(
      wire.frames.some(({ type, stream }) => type === FRAME.headers && stream === 1),
      'it was answered',
    );
  });

  it('A55: that does not finish its body is answered with 408, while its other streams continue', async () => {
    await using server = await startTlsServer({}, limits({ headersTime: 100, requestTime: 100 }));
    const session = await server.connectHttp2();
    const stream = session.request({
      ':method': 'POST',
      ':path': '/login',
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
    });
    stream.on('error', () => {});
    stream.write('csrf=');
    const [{ ':status': status }] = await once(stream, 'response');
    assert.equal(status, 408);
    assert.equal((await requestOverHttp2(session, { ':path': '/healthz' })).status, 200);
    session.close();
    await once(session, 'close');
    assert.deepEqual(
      server.system.logLines.filter((line) => line.includes('internal-error')),
      [],
    );
  });

  it('A55: that does not read its answer is disconnected', async () => {
    await using server = await startTlsServer({}, limits({ writeTimeout: 100 }));
    const { wire } = await wireTo(server);
    // A window of no bytes: no byte of the page may be sent.
    wire.send(frame(FRAME.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0])));
    wire.send(frame(FRAME.headers, FLAG.endStream | FLAG.endHeaders, 1, request(server, 'GET', '/login')));
    await wire.closed;
  });
});

describe('a client that never finishes the TLS handshake', () => {
  it('A55: is disconnected', async () => {
    await using server = await startTlsServer({}, limits({ handshakeTime: 100 }));
    const socket = await connectTo(server.port);
    socket.write(Buffer.from('1603010200', 'hex'));
    assert.equal(await readAll(socket), '');
  });
});
