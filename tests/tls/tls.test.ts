import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { SERVER_LIMITS } from '../../src/server/limits.ts';
import { ADA, addressOf, createVisitor } from '../kit/visitor.ts';
import { fetchOverHttp2, readAll, requestOverHttp2, startTlsServer } from '../kit/wire.ts';

const REFUSED = /alert|no protocols|handshake failure|unsupported protocol|no shared cipher/i;

describe('a server with its own certificate', () => {
  it('takes a user from registration to the dashboard over HTTP/2, with cookies that require TLS', async () => {
    await using server = await startTlsServer();
    const session = await server.connectHttp2();
    assert.equal(session.alpnProtocol, 'h2');
    const ada = createVisitor(fetchOverHttp2(session), server.origin);
    assert.equal((await ada.register(ADA.username, ADA.password)).status, 303);
    const signIn = await ada.signIn(ADA.username, ADA.password);
    assert.equal(signIn.status, 303);
    assert.ok([...ada.cookies.keys()].every((name) => name.startsWith('__Host-')));
    assert.match((await ada.get('/dashboard')).body, /Welcome to your dashboard!/);
    session.close();
    assert.ok(server.system.events.every((event) => ['127.0.0.1', '::1'].includes(String(addressOf(event)))));
  });

  it('speaks HTTP/1.1 with a client that asks for it or for no protocol', async () => {
    await using server = await startTlsServer();
    for (const ALPNProtocols of [['http/1.1'], undefined]) {
      const socket = await server.connect(ALPNProtocols === undefined ? {} : { ALPNProtocols });
      socket.write(`GET /login HTTP/1.1\r\nHost: localhost:${server.port}\r\nConnection: close\r\n\r\n`);
      assert.match(await readAll(socket), /^HTTP\/1\.1 200 OK\r\n[\s\S]*Sign in/);
    }
  });

  it('speaks TLS 1.2 and 1.3, and no older version', async () => {
    await using server = await startTlsServer();
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = await server.connect({ minVersion: version, maxVersion: version });
      assert.equal(socket.getProtocol(), version);
      socket.destroy();
    }
    for (const version of ['TLSv1', 'TLSv1.1'] as const) {
      const old = { minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' };
      await assert.rejects(server.connect(old), REFUSED, version);
    }
  });

  it('accepts no cipher without forward secrecy or without authenticated encryption', async () => {
    await using server = await startTlsServer();
    const withCipher = (ciphers: string) => server.connect({ ciphers, maxVersion: 'TLSv1.2' });
    for (const cipher of ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305']) {
      const socket = await withCipher(cipher);
      assert.equal(socket.getCipher().name, cipher);
      socket.destroy();
    }
    const weak = [
      'ECDHE-ECDSA-AES128-SHA',
      'ECDHE-ECDSA-AES256-SHA384',
      'AES128-GCM-SHA256',
      'NULL',
      'aNULL',
    ];
    for (const cipher of weak) await assert.rejects(withCipher(`${cipher}:@SECLEVEL=0`), REFUSED, cipher);
  });

  it('A55: refuses TLS renegotiation', async () => {
    await using server = await startTlsServer();
    const socket = await server.connect({ maxVersion: 'TLSv1.2' });
    const refused = once(socket, 'error');
    socket.renegotiate({}, () => {});
    const [error] = await refused;
    assert.match(String(error), /no.renegotiation/i);
    socket.destroy();
  });

  it('A55: disconnects a client that speaks plain HTTP, and serves the others', async () => {
    await using server = await startTlsServer();
    const answer = await fetch(`http://127.0.0.1:${server.port}/healthz`).then(String, () => 'no answer');
    assert.equal(answer, 'no answer');
    const session = await server.connectHttp2();
    assert.equal((await requestOverHttp2(session, { ':path': '/healthz' })).status, 200);
    session.close();
  });
});

describe('a server with its own certificate that shuts down', () => {
  it('instructs HTTP/2 clients to send no new requests, and finishes those under way', async () => {
    const server = await startTlsServer();
    const session = await server.connectHttp2();
    const head = {
      ':method': 'POST',
      ':path': '/login',
      'content-length': 9,
      'sec-fetch-site': 'same-origin',
    };
    const stream = session.request({ ...head, 'content-type': 'application/x-www-form-urlencoded' });
    stream.write('csrf=');
    // An answer on another stream shows that the server has read all that came before it.
    await requestOverHttp2(session, { ':path': '/healthz' });
    const goaway = once(session, 'goaway');
    const ended = server[Symbol.asyncDispose]();
    await goaway;
    const answered = once(stream, 'response');
    stream.resume().end('nope');
    const [{ ':status': status }] = await answered;
    assert.equal(status, 403);
    await ended;
  });

  it('does not wait for clients that have only connected', async () => {
    // With such a long grace period, a client that is waited for would delay the test until it fails.
    const server = await startTlsServer({}, { limits: { ...SERVER_LIMITS, graceTime: 3_600_000 } });
    const sockets = [await server.connect({ ALPNProtocols: ['http/1.1'] }), await server.connect()];
    const session = await server.connectHttp2();
    const closed = Promise.all([...sockets, session].map((end) => once(end, 'close')));
    await server[Symbol.asyncDispose]();
    for (const socket of sockets) socket.resume();
    await closed;
  });
});
