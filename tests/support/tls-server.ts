import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { selfSignedCertificate } from '../../src/cli/certificate/self-signed.ts';
import type { SiteOptions } from '../../src/server/site.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';
import type { TestOptions } from './system.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A certificate with its key. */
export type Pair = ReturnType<typeof selfSignedCertificate>;

/** @param hosts this machine, where nothing is said */
export function newPair(hosts: readonly string[] = ['localhost', '127.0.0.1']): Pair {
  const [validFrom, validTo] = [Date.UTC(2020, 0), Date.UTC(2049, 0)];
  return selfSignedCertificate({ title: 'test', hosts, validFrom, validTo });
}

/** A system behind the real server with TLS of its own. */
export type TlsServer = HttpServer & {
  readonly origin: string;
  readonly files: { readonly certificate: string; readonly key: string };
  readonly pair: Pair;
  /** Opens a connection and agrees on keys, or rejects with the reason. */
  readonly connect: (options?: ConnectionOptions) => Promise<TLSSocket>;
  readonly connectHttp2: () => Promise<ClientHttp2Session>;
};

export async function startTlsServer(
  options: TestOptions = {},
  siteOptions: SiteOptions = {},
): Promise<TlsServer> {
  const folder = temporaryFolder();
  const files = { certificate: join(folder.path, 'tls.crt'), key: join(folder.path, 'tls.key') };
  const pair = newPair();
  writeFileSync(files.certificate, pair.certificate);
  writeFileSync(files.key, pair.key);
  const server = await startHttpServer(
    { tlsCert: files.certificate, tlsKey: files.key, ...options },
    siteOptions,
  );
  const origin = `https://localhost:${server.port}`;
  const trust = { ca: pair.certificate, host: '127.0.0.1', servername: 'localhost', port: server.port };
  return {
    ...server,
    origin,
    files,
    pair,
    connect: async (more = {}) => {
      const socket = connectTls({ ...trust, ...more });
      await once(socket, 'secureConnect');
      return socket;
    },
    connectHttp2: async () => {
      const session = connectHttp2(origin, { ca: pair.certificate });
      session.on('error', () => {});
      await once(session, 'connect');
      return session;
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}
