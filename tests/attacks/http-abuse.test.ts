import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startHttpServer } from '../kit/system.ts';
import { sendRaw } from '../kit/wire.ts';

const CLOSE = 'Host: localhost\r\nConnection: close\r\n';
const FORM = 'Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\n';

describe('the HTTP server', () => {
  it('A55: refuses too many or too large headers with 431', async () => {
    await using server = await startHttpServer();
    const many = Array.from({ length: 1_000 }, (_, number) => `X-${number}: y\r\n`).join('');
    const large = `Cookie: a=${'x'.repeat(17_000)}\r\n`;
    for (const headers of [many, large]) {
      const { statuses, text } = await sendRaw(server.port, `GET /login HTTP/1.1\r\n${CLOSE}${headers}\r\n`);
      assert.deepEqual(statuses, [431]);
      assert.match(text, /content-security-policy: default-src 'none'/i);
      assert.match(text, /cache-control: no-store/i);
    }
  });

  it('A44: sends its security headers with the errors that Node would answer by itself as well', async () => {
    await using server = await startHttpServer();
    const requests = [
      [`GET /login HTTP/1.1\r\nConnection: close\r\n\r\n`, 400],
      [`GET /login HTTP/1.1\r\n${CLOSE}Host: other\r\n\r\n`, 400],
      [`GET /login HTTP/1.1\r\n${CLOSE}Expect: nonsense\r\n\r\n`, 417],
      [`GET /login HTTP/0.8\r\n\r\n`, 400],
    ] as const;
    for (const [request, status] of requests) {
      const { statuses, text } = await sendRaw(server.port, request);
      assert.deepEqual(statuses, [status], request);
      for (const header of [
        /^content-security-policy: /im,
        /^cache-control: no-store/im,
        /^x-frame-options: DENY/im,
      ]) {
        assert.match(text, header, request);
      }
    }
  });

  it('A55: treats a broken body as a bad request, and not as an internal error', async () => {
    await using server = await startHttpServer();
    const broken = `POST /login HTTP/1.1\r\n${CLOSE}${FORM}Transfer-Encoding: chunked\r\n\r\n5\r\nuser=\r\nnot a length\r\n`;
    await sendRaw(server.port, broken);
    await fetch(`http://127.0.0.1:${server.port}/healthz`);
    assert.deepEqual(
      server.system.logLines.filter((line) => line.includes('internal-error')),
      [],
    );
  });

  it('A55: refuses a body that is too large with 413 without reading all of it', async () => {
    await using server = await startHttpServer();
    const announced = `POST /login HTTP/1.1\r\n${CLOSE}${FORM}Content-Length: 10000000\r\n\r\n${'x'.repeat(100_000)}`;
    assert.deepEqual((await sendRaw(server.port, announced)).statuses, [413]);
    const chunk = `${(0x8000).toString(16)}\r\n${'x'.repeat(0x8000)}\r\n`;
    const unannounced = `POST /login HTTP/1.1\r\n${CLOSE}${FORM}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(20)}`;
    assert.deepEqual((await sendRaw(server.port, unannounced)).statuses, [413]);
  });

  it('A55: refuses a URL that is too long with 414 or 431', async () => {
    await using server = await startHttpServer();
    const long = await sendRaw(server.port, `GET /${'x'.repeat(9_000)} HTTP/1.1\r\n${CLOSE}\r\n`);
    assert.deepEqual(long.statuses, [414]);
    const longer = await sendRaw(server.port, `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n${CLOSE}\r\n`);
    assert.deepEqual(longer.statuses, [431]);
  });

  it('A55: answers URLs that do not decode with 400 or 404, never with 500', async () => {
    await using server = await startHttpServer();
    const paths = [
      '/%',
      '/%ff',
      '/%00',
      '/%c0%ae',
      '/login%',

      '//',
      '/\u00ff',

      '/a\\b',
      '/login;x',
      '*',
    ];
    for (const path of paths) {
      const { statuses } = await sendRaw(server.port, `GET ${path} HTTP/1.1\r\n${CLOSE}\r\n`);
      assert.ok([400, 404].includes(Number(statuses[0])), `${path}: ${statuses}`);
    }
  });

  it('A55: answers forms that do not decode with 400', async () => {
    await using server = await startHttpServer();
    for (const body of [
      'username=%',
      'username=%ff',
      'username=%c3%28',
      'username=\u00ff',
      '%zz=1',
      'a=1&a=2',
    ]) {
      const request = `POST /login HTTP/1.1\r\n${CLOSE}${FORM}Content-Length: ${body.length}\r\n\r\n${body}`;
      assert.deepEqual((await sendRaw(server.port, request)).statuses, [400], body);
    }
  });

  it('A30: refuses every method that the route does not declare', async () => {
    await using server = await startHttpServer();
    for (const method of ['TRACE', 'CONNECT', 'PROPFIND', 'DELETE', 'OPTIONS']) {
      const target = method === 'CONNECT' ? 'localhost:80' : '/login';
      const { statuses } = await sendRaw(server.port, `${method} ${target} HTTP/1.1\r\n${CLOSE}\r\n`);
      assert.ok(
        statuses.every((status) => status === 405 || status === 400),
        `${method}: ${statuses}`,
      );
    }
  });

  it('A55: answers pipelined requests in order', async () => {
    await using server = await startHttpServer();
    const one = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    const last = `GET /nowhere HTTP/1.1\r\n${CLOSE}\r\n`;
    const { statuses } = await sendRaw(
      server.port,
      one('/healthz') + one('/api/session') + one('/dashboard') + last,
    );
    assert.deepEqual(statuses, [200, 401, 303, 404]);
  });

  it('A55: treats a malformed Authorization or Cookie header as missing', async () => {
    await using server = await startHttpServer();
    for (const header of [
      'Authorization: Bearer',
      'Authorization: Bearer \u00ff\u00fe',
      'Cookie: ;;;=;=',
      'Cookie: latchkey',
    ]) {
      const { statuses } = await sendRaw(
        server.port,
        `GET /api/session HTTP/1.1\r\n${CLOSE}${header}\r\n\r\n`,
      );
      assert.deepEqual(statuses, [401], header);
    }
  });

  it('A55: serves other clients while it receives malformed requests', async () => {
    await using server = await startHttpServer();
    const bad = Array.from({ length: 50 }, () => sendRaw(server.port, 'GET /\u0000 HTTP/9.9\r\n\r\n'));
    const good = Array.from({ length: 50 }, () => fetch(`http://127.0.0.1:${server.port}/healthz`));
    assert.deepEqual([...new Set((await Promise.all(good)).map(({ status }) => status))], [200]);
    assert.deepEqual([...new Set((await Promise.all(bad)).flatMap(({ statuses }) => statuses))], [400]);
  });
});
