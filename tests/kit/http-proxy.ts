import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { z } from 'zod';
import { createSelfSigned } from '../../src/cli/self-signed.ts';
import { DAY } from '../../src/platform/runtime/index.ts';
import type { TwinProvider } from './federation.ts';

/** A request to a proxy: the destination of a tunnel, or the address of a request in the clear. */
export type ProxyRequest = { readonly target: string; readonly authorization: string | undefined };

/** A proxy of HTTP on this machine, with a map of the network that it leads to. */
export type HttpProxy = AsyncDisposable & {
  readonly url: string;
  readonly asked: readonly ProxyRequest[];
  /** The port of this machine behind `host:port`; the proxy can reach nothing else. */
  readonly routes: Map<string, number>;
  /** The status of its answer to each tunnel from now on; null opens the tunnel, and 0 never answers. */
  answer: number | null;
};

/** @param tls its certificate; without it, the proxy is spoken to in plain HTTP */
export async function startHttpProxy(tls: Identity | null = null): Promise<HttpProxy> {
  const asked: ProxyRequest[] = [];
  const sockets = new Set<Socket>();
  const note = ({ url = '', headers }: IncomingMessage) => {
    asked.push({ target: url, authorization: headers['proxy-authorization'] });
    return url;
  };
  const listener: RequestListener = (request, response) => {
    note(request);
    response.end('sent on in the clear');
  };
  const server = tls === null ? createServer(listener) : createSecureServer(tls, listener);
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    const port = proxy.routes.get(note(request));
    client.on('error', () => {});
    const status = proxy.answer ?? (port === undefined ? 502 : null);
    if (status === 0) return;
    if (status !== null || port === undefined)
      return void client.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client);
      client.pipe(upstream);
    });
    sockets.add(upstream.on('error', () => client.destroy()));
    client.on('close', () => upstream.destroy());
  });
  const port = await listening(server);
  const proxy: HttpProxy = {
    url: `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    asked,
    routes: new Map(),
    answer: null,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

/** What a server shows in TLS. */
export type Identity = { readonly cert: string; readonly key: string };

/**
 * A certificate that this process trusts from now on, as with NODE_EXTRA_CA_CERTS. OpenSSL finds it by its title, so each
 * needs one of its own.
 */
export async function trustedIdentity(...hosts: readonly string[]): Promise<Identity> {
  const now = Date.now();
  const { certificate: cert, key } = await createSelfSigned({
    title: `${hosts[0]} ${randomUUID()}`,
    hosts,
    validFrom: new Date(now - DAY),
    validTo: new Date(now + DAY),
  });
  setDefaultCACertificates([...getCACertificates('default'), cert]);
  return { cert, key };
}

/** A server that ends TLS before a server of this machine. */
export type SecureFront = AsyncDisposable & { readonly port: number };

export async function startSecureFront(identity: Identity, behind: string): Promise<SecureFront> {
  const sockets = new Set<Socket>();
  const server = createTlsServer(identity, (client) => {
    const upstream = connect(Number(new URL(behind).port), '127.0.0.1');
    client.on('error', () => upstream.destroy()).pipe(upstream);
    upstream.on('error', () => client.destroy()).pipe(client);
    client.on('close', () => upstream.destroy());
    sockets.add(client).add(upstream);
  });
  server.on('tlsClientError', () => {});
  const port = await listening(server);
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return z.object({ port: z.number() }).parse(server.address()).port;
}

/** Lets a provider of this machine call itself by a public address. */
export function callItself(provider: TwinProvider, issuer: string): void {
  provider.faults = {
    metadata: {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      jwks_uri: `${issuer}/jwks`,
    },
    claims: (right) => ({ ...right, iss: issuer }),
    answeredIssuer: issuer,
  };
}
