import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { ClientAddressError, createLatchkey, type Options } from '../src/index.ts';
import { SECRET_KEY } from './kit/system.ts';
import { temporaryFolder } from './kit/temporary.ts';

const SITE = 'https://login.example';

async function withLatchkey(
  options: Options,
  use: (latchkey: ReturnType<typeof createLatchkey>) => Promise<void>,
): Promise<void> {
  const latchkey = createLatchkey({
    databaseUrl: 'sqlite::memory:',
    secretKey: SECRET_KEY,
    logLevel: 'silent',
    ...options,
  });
  try {
    await use(latchkey);
  } finally {
    await latchkey.close();
  }
}

const login = () => new Request(`${SITE}/login`);
/** A form without content: refused with 403 as soon as it is read. */
const form = () => new Request(`${SITE}/login`, { method: 'POST', body: new URLSearchParams({ a: 'b' }) });

describe('the address of a client', () => {
  it('A08: is required in production, and its absence explained, rather than serving without limits', async () => {
    await withLatchkey({ baseUrl: SITE }, async ({ fetch, handle }) => {
      await assert.rejects(fetch(form()), ClientAddressError);
      assert.equal((await fetch(login())).status, 200, 'a page that counts nothing');
      await assert.rejects(handle(login()), /the address of the client is not known/);
      assert.equal(await handle(new Request(`${SITE}/notes`)), null, 'a path of the application');
    });
  });

  it('is taken as servers and platforms pass it, or left out on purpose', async () => {
    await withLatchkey({ baseUrl: SITE }, async ({ fetch }) => {
      for (const given of [
        { address: '192.0.2.1' },
        { incoming: { socket: { remoteAddress: '192.0.2.1' } } },
        { socket: { remoteAddress: '192.0.2.1' } },
        { remoteAddr: { hostname: '192.0.2.1', port: 1, transport: 'tcp' } },
        { requestIP: () => ({ address: '192.0.2.1', family: 'IPv4', port: 1 }) },
        'unknown',
      ])
        assert.equal((await fetch(form(), given)).status, 403, JSON.stringify(given));
      for (const given of [{}, null, { incoming: {} }, { requestIP: () => null }, '192.0.2.1'])
        await assert.rejects(fetch(form(), given), ClientAddressError, JSON.stringify(given));
    });
  });

  it('is found by the application where neither the platform nor Node.js shows it', async () => {
    const clientAddress = (request: Request) => request.headers.get('fly-client-ip');
    await withLatchkey({ baseUrl: SITE, clientAddress }, async ({ handle }) => {
      const from = (address: string) =>
        new Request(`${SITE}/login`, { headers: { 'fly-client-ip': address } });
      assert.equal((await handle(from('192.0.2.1')))?.status, 200);
      await assert.rejects(handle(login()), ClientAddressError);
    });
  });

  it('A08: is an address, without the port and the list that platforms add to it', async () => {
    for (const [text, isRead] of [
      ['203.0.113.7:51234', true],
      ['[2001:db8::1]:443', true],
      [' 203.0.113.7 ', true],
      ['203.0.113.7, 192.0.2.1', false],
      ['unknown', false],
      ['', false],
      ['x'.repeat(50), false],
    ] as const)
      await withLatchkey({ baseUrl: SITE, clientAddress: () => text }, async ({ handle }) => {
        const answered = await handle(login()).then(
          () => true,
          () => false,
        );
        assert.equal(answered, isRead, text);
      });
  });

  /** What a framework behind this server gets from Latchkey, which it passes no connection. */
  function frameworkOn(handle: (request: Request) => Promise<Response | null>) {
    return createServer((_, response) => {
      // After other work.
      setImmediate(() =>
        handle(login()).then(
          (answer) => response.end(String(answer?.status)),
          (error: Error) => response.end(error.name),
        ),
      );
    });
  }

  it('A08: is that of the connection which Node.js answers, where a framework hides it', async () => {
    await withLatchkey({ baseUrl: SITE }, async ({ handle, ready }) => {
      await ready;
      const server = frameworkOn(handle);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const response = await fetch(`http://127.0.0.1:${port}/`);
      assert.equal(await response.text(), '200');
      server.close();
      server.closeAllConnections();
    });
  });

  it('A08: is that of this machine on a Unix socket, which has none', async () => {
    using folder = temporaryFolder();
    const socketPath = join(folder.path, 'socket');
    await withLatchkey({ baseUrl: SITE, trustedProxies: ['loopback'] }, async ({ handle, ready }) => {
      await ready;
      const server = frameworkOn(handle);
      await new Promise<void>((resolve) => server.listen(socketPath, resolve));
      const [response] = await once(get({ socketPath, path: '/' }), 'response');
      assert.equal(await text(response), '200');
      server.close();
      server.closeAllConnections();
    });
  });
});
