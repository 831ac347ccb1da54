import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { freePort } from '../kit/temporary.ts';
import { sendRaw, startTlsServer } from '../kit/wire.ts';

async function startRedirect() {
  const tlsRedirectPort = await freePort();
  const server = await startTlsServer({ tlsRedirectPort, baseUrl: 'https://login.example.org' });
  const ask = (head: string) => sendRaw(tlsRedirectPort, `${head}\r\n\r\n`);
  return { ask, [Symbol.asyncDispose]: server[Symbol.asyncDispose] };
}

const locationIn = (text: string) => /^location: (.*)\r$/im.exec(text)?.[1];

describe('the port that redirects http to https', () => {
  it('keeps path, query and method', async () => {
    await using redirect = await startRedirect();
    for (const path of ['/', '/login?next=%2Fdashboard', '/a//b/../c', '//evil.example/x', '/%00%ff']) {
      for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) {
        const { statuses, text } = await redirect.ask(
          `${method} ${path} HTTP/1.1\r\nHost: login.example.org`,
        );
        assert.deepEqual(statuses, [308], path);
        assert.equal(locationIn(text), `https://login.example.org${path}`);
      }
    }
  });

  it('A28: redirects only to the site, whatever host the request names, and wherever it names it', async () => {
    await using redirect = await startRedirect();
    const heads = [
      'GET /x HTTP/1.1\r\nHost: evil.example',
      'GET /x HTTP/1.1\r\nHost: evil.example\r\nHost: login.example.org',
      'GET /x HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nForwarded: host=evil.example',
      'GET /x HTTP/1.1\r\nHost: login.example.org\r\nX-Forwarded-Proto: ftp\r\nX-Original-URL: /y',
      'GET http://evil.example/x HTTP/1.1\r\nHost: evil.example',
      'GET http://a@evil.example:80/x HTTP/1.1\r\nHost: login.example.org',
      'GET /x HTTP/1.0',
      'GET /x HTTP/1.1\r\nHost: ',
    ];
    for (const head of heads) {
      const { statuses, text } = await redirect.ask(head);
      assert.deepEqual(statuses, [308], head);
      assert.equal(locationIn(text), 'https://login.example.org/x', head);
    }
  });

  it('A55: refuses a request that has no path, is too long or is not HTTP', async () => {
    await using redirect = await startRedirect();
    const cases = [
      ['OPTIONS * HTTP/1.1\r\nHost: x', 400],
      ['GET /\u00ff HTTP/1.1\r\nHost: x', 400],
      ['GET http://evil.example HTTP/1.1\r\nHost: x', 400],
      [`GET /${'x'.repeat(9_000)} HTTP/1.1\r\nHost: x`, 414],
      [`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x`, 431],
      ['GET / HTTP/9.9', 400],
    ] as const;
    for (const [head, status] of cases) {
      const { statuses, text } = await redirect.ask(head);
      assert.deepEqual(statuses, [status], head.slice(0, 40));
      assert.equal(locationIn(text), undefined);
    }
  });

  it('A44: sends the security headers of every response except HSTS, which does not belong on http', async () => {
    await using redirect = await startRedirect();
    const { text } = await redirect.ask('GET / HTTP/1.1\r\nHost: x');
    for (const header of [
      /^content-security-policy: /im,
      /^cache-control: no-store/im,
      /^x-frame-options: DENY/im,
    ])
      assert.match(text, header);
    assert.doesNotMatch(text, /strict-transport-security|set-cookie/i);
  });
});
