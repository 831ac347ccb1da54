import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { latchkeyPages, type NodeHandler } from '../../src/adapters/node.ts';
import type { Latchkey } from '../../src/index.ts';
import { createTestLatchkey } from '../../src/testing/index.ts';
import { sendRaw } from '../kit/wire.ts';

/** A Latchkey whose only path is /login, with one answer. */
function pagesThat(answer: (request: Request) => Promise<Response>): NodeHandler {
  const { latchkey, close } = createTestLatchkey();
  void close();
  const handle: Latchkey['handle'] = async (request) =>
    new URL(request.url).pathname === '/login' ? answer(request) : null;
  return latchkeyPages({ ...latchkey, handle });
}

async function listen(server: Server): Promise<{ port: number } & AsyncDisposable> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const post = (path: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

describe('the adapter for node:http', () => {
  it('A08: takes a path only in the spelling in which a proxy has seen it', async () => {
    const pages = pagesThat(async () => new Response('latchkey'));
    const server = createServer((request, response) =>
      pages(request, response, () => response.end('application')),
    );
    await using site = await listen(server);
    const answeredBy = async (path: string) => (await sendRaw(site.port, post(path, ''))).text.split('\r\n');
    assert.ok((await answeredBy('/login')).includes('latchkey'));
    assert.ok((await answeredBy('/login?next=%2Fnotes')).includes('latchkey'));
    for (const path of [
      '//x/login',
      '/a/../login',
      '/\\x/login',
      '/a/%2e%2e/login',
      '//localhost/login',
      '/./login',
    ])
      assert.ok((await answeredBy(path)).includes('application'), path);
  });

  it('reads no byte of a body that belongs to the application', async () => {
    const pages = pagesThat(async () => new Response('latchkey'));
    const server = createServer((request, response) =>
      pages(request, response, () => {
        setImmediate(async () => response.end(String((await text(request)).length)));
      }),
    );
    await using site = await listen(server);
    const response = await fetch(`http://127.0.0.1:${site.port}/notes`, {
      method: 'POST',
      body: 'x'.repeat(1_000_000),
    });
    assert.equal(await response.text(), '1000000');
  });

  it('drops what is left of a body that was refused, so that the connection carries the next request', async () => {
    const pages = pagesThat(async () => new Response('refused', { status: 413 }));
    const server = createServer((request, response) =>
      pages(request, response, () => response.end('application')),
    );
    await using site = await listen(server);
    const body = 'x'.repeat(300_000);
    const first = post('/login', body).replace('Connection: close\r\n', '');
    const { statuses } = await sendRaw(site.port, first + post('/notes', ''));
    assert.deepEqual(statuses, [413, 200]);
  });

  it('sends nothing after the application has answered meanwhile', async () => {
    let answerNow = (): void => assert.fail('not asked yet');
    const asked = Promise.withResolvers<void>();
    const pages = pagesThat(() => {
      asked.resolve();
      return new Promise((resolve) => {
        answerNow = () => resolve(new Response('late'));
      });
    });
    const failures: unknown[] = [];
    const server = createServer((request, response) => {
      pages(request, response, (error) => failures.push(error));
      asked.promise.then(() => response.writeHead(503).end('timeout'));
    });
    await using site = await listen(server);
    const response = await fetch(`http://127.0.0.1:${site.port}/login`);
    assert.deepEqual([response.status, await response.text()], [503, 'timeout']);
    answerNow();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(failures, []);
  });

  it('hands a failure to the application, once', async () => {
    const pages = pagesThat(() => Promise.reject(new Error('broken')));
    const server = createServer((request, response) =>
      pages(request, response, (error) => response.end(String(error))),
    );
    await using site = await listen(server);
    assert.equal(await (await fetch(`http://127.0.0.1:${site.port}/login`)).text(), 'Error: broken');
  });
});
