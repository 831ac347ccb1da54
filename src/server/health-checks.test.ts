import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startHttpServer } from '../../tests/kit/system.ts';
import { freePort } from '../../tests/kit/temporary.ts';
import { requestOverHttp2, sendOverSocket, sendRaw, startTlsServer } from '../../tests/kit/wire.ts';

const SITE = 'https://login.example.org';
const LONG_NAME = `${'a'.repeat(60)}.svc.cluster.local`;

/** Requests as load balancers and their scripts send them; each asks for a health path. */
const HEADS = (path: string): readonly string[] => [
  `GET ${path} HTTP/1.0`,
  `HEAD ${path} HTTP/1.0`,
  `GET ${path} HTTP/1.0\r\nConnection: keep-alive`,
  `GET ${path} HTTP/1.0\r\nHost: `,
  `GET ${path} HTTP/1.0\r\nHost: latchkey_1:3000\r\nUser-Agent: probe`,
  `GET ${path} HTTP/1.1`,
  `HEAD ${path} HTTP/1.1\r\nHost: 10.0.0.7:3000`,
  `GET ${path} HTTP/1.1\r\nHost: [fd00::7]:3000`,
  `GET ${path} HTTP/1.1\r\nHost: ${LONG_NAME}`,
  `GET ${path} HTTP/1.1\r\nHost: not a host`,
  `GET ${path}?source=balancer HTTP/1.1\r\nHost: login.example.org`,
  `GET http://10.0.0.7:3000${path} HTTP/1.0`,
  `GET http://10.0.0.7:3000${path} HTTP/1.1\r\nHost: 10.0.0.7:3000`,
  `GET http://balancer.internal${path} HTTP/1.1\r\nHost: login.example.org`,
];

const PATHS = ['/healthz', '/readyz'] as const;

function closing(head: string): string {
  return `${head.replaceAll('Connection: keep-alive', 'Connection: close')}\r\n${/Connection:/.test(head) ? '' : 'Connection: close\r\n'}\r\n`;
}

/** Sends each request to a server, and returns the ones that are answered in another way than a health check. */
async function wrong(send: (text: string) => ReturnType<typeof sendRaw>): Promise<readonly string[]> {
  const requests = PATHS.flatMap((path) => HEADS(path));
  const answers = await Promise.all(
    requests.map(async (head) => ({ head, answer: await send(closing(head)) })),
  );
  return answers
    .filter(({ head, answer: { statuses, text } }) => {
      const body = text.split('\r\n\r\n')[1];
      return statuses.join() !== '200' || body !== (head.startsWith('HEAD') ? '' : 'ok');
    })
    .map(({ head, answer }) => `${head}: ${answer.text.slice(0, 60)}`);
}

describe('a health check', () => {
  it('P63: is answered in HTTP/1.0, without a host, and under any name', async () => {
    await using server = await startHttpServer({ baseUrl: SITE });
    assert.deepEqual(await wrong((text) => sendRaw(server.port, text)), []);
  });

  it('P63: is answered in the same way below a path, and with all hosts of this machine', async () => {
    await using server = await startHttpServer({ basePath: '/auth' });
    assert.deepEqual(await wrong((text) => sendRaw(server.port, text)), []);
  });

  it('P63: is answered over TLS by HTTP/1 and HTTP/2, and by the port that redirects', async () => {
    const tlsRedirectPort = await freePort();
    await using server = await startTlsServer({ baseUrl: SITE, tlsRedirectPort });
    const overTls = async (text: string) => sendOverSocket(await server.connect(), text);
    assert.deepEqual(await wrong(overTls), []);
    assert.deepEqual(await wrong((text) => sendRaw(tlsRedirectPort, text)), []);
    const session = await server.connectHttp2();
    for (const path of PATHS)
      for (const authority of ['10.0.0.7', undefined]) {
        const answer = await requestOverHttp2(session, { ':path': path, ':authority': authority });
        assert.deepEqual([answer.status, answer.body], [200, 'ok'], `${path} ${authority}`);
      }
    session.close();
  });

  it('A28: leaves the host of every other request to be checked', async () => {
    await using server = await startHttpServer({ baseUrl: SITE });
    const cases = [
      ['GET /login HTTP/1.0', 400],
      ['GET /login HTTP/1.1', 400],
      ['GET / HTTP/1.1', 400],
      ['POST /healthz HTTP/1.1', 400],
      ['GET /healthz/ HTTP/1.1', 400],
      ['GET /healthz/../login HTTP/1.1', 400],
      ['GET /HEALTHZ HTTP/1.1\r\nHost: 10.0.0.7', 421],
      ['GET /healthzz HTTP/1.1\r\nHost: 10.0.0.7', 421],
      ['GET /login?/healthz HTTP/1.1\r\nHost: 10.0.0.7', 421],
      ['GET http://10.0.0.7/login HTTP/1.1\r\nHost: login.example.org', 400],
      ['GET /healthz HTTP/1.1\r\nHost: login.example.org\r\nHost: 10.0.0.7', 400],
    ] as const;
    for (const [head, status] of cases) {
      const { statuses } = await sendRaw(server.port, closing(head));
      assert.deepEqual(statuses, [status], head);
    }
  });

  it('P63: may be the question for options that HAProxy asks by default, which changes and shows nothing', async () => {
    await using server = await startHttpServer({ baseUrl: SITE });
    for (const head of [
      'OPTIONS / HTTP/1.0',
      'OPTIONS * HTTP/1.1\r\nHost: 10.0.0.7',
      'OPTIONS /readyz HTTP/1.0',
      'OPTIONS / HTTP/1.1\r\nHost: login.example.org\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: GET',
    ]) {
      const { statuses, text } = await sendRaw(server.port, closing(head));
      assert.deepEqual(statuses, [204], head);
      assert.match(text, /^allow: GET, HEAD\r$/im);
      assert.doesNotMatch(text, /access-control|set-cookie|content-length/i);
      assert.match(text, /^x-frame-options: DENY\r$/im);
    }
    for (const head of ['OPTIONS /login HTTP/1.0', 'OPTIONS /api/session HTTP/1.0'])
      assert.deepEqual((await sendRaw(server.port, closing(head))).statuses, [400], head);
  });
});
