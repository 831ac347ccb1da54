import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { createServer, request as requestHttps, type Server } from 'node:https';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls, type SecureVersion, type TLSSocket } from 'node:tls';
import { getRequestListener } from '@hono/node-server';
import { runToEnd, type ServerTls } from '../../scripts/provide/private-server.ts';
import { toolPath } from '../../scripts/provide/system-packages.ts';
import { createSelfSigned } from '../../src/cli/self-signed.ts';
import type { SiteOptions } from '../../src/server/site.ts';
import {
  type HttpServer,
  startHttpServer,
  startSystem,
  type TestOptions,
  type TestSystem,
} from './system.ts';
import { freePort, temporaryFolder } from './temporary.ts';

/** The output of a server on a connection until it closed it, including status lines and headers. */
export type RawAnswer = {
  readonly text: string;
  /** The statuses, in the order of the responses. */
  readonly statuses: readonly number[];
};

/**
 * Sends bytes as they are and reads until the server closes the connection.
 * @param text Latin-1, so that any byte can be written
 */
export async function sendRaw(port: number, text: string): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return sendOverSocket(socket, text);
}

/** The same over an existing connection, encrypted or not. */
export async function sendOverSocket(socket: Socket, text: string): Promise<RawAnswer> {
  const received = readAll(socket);
  socket.write(text, 'latin1');
  const whole = await received;
  return { text: whole, statuses: statusesIn(whole) };
}

/** Reads as Latin-1 until the connection is closed. */
export async function readAll(socket: Socket): Promise<string> {
  socket.setEncoding('latin1');
  let received = '';
  socket.on('data', (data: string) => {
    received += data;
  });
  // A server that has responded may reset the connection while bytes are still on their way to it.
  socket.on('error', () => {});
  await once(socket, 'close');
  return received;
}

function statusesIn(text: string): readonly number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

/** Hand-written HTTP/2 frames (RFC 9113 §4.1), which no client library would send. */
export const FRAME = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  continuation: 9,
} as const;
export const FLAG = { endStream: 1, acknowledge: 1, endHeaders: 4 } as const;

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const HEAD_BYTES = 9;

export type Frame = {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
};

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/**
 * Header fields as literals that enter no table (RFC 7541 §6.2.2), so that nothing about them is validated or
 * compressed.
 */
export function fields(list: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(list.flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  return Buffer.concat([length(bytes.length), bytes]);
}

// RFC 7541 §5.1, with a prefix of seven bits
function length(count: number): Buffer {
  if (count < 127) return Buffer.of(count);
  const digits = [127];
  let left = count - 127;
  for (; left >= 128; left = Math.floor(left / 128)) digits.push((left % 128) | 128);
  return Buffer.from([...digits, left]);
}

export type Http2Wire = {
  /** The frames received so far. */
  readonly frames: readonly Frame[];
  readonly send: (...bytes: readonly Uint8Array[]) => void;
  /** Settles when the server has closed the connection. */
  readonly closed: Promise<unknown>;
  readonly destroy: () => void;
};

/** Speaks HTTP/2 frame by frame over a connection that has negotiated it. */
export function speakHttp2(socket: TLSSocket): Http2Wire {
  const frames: Frame[] = [];
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= HEAD_BYTES && rest.length >= HEAD_BYTES + rest.readUIntBE(0, 3)) {
      const end = HEAD_BYTES + rest.readUIntBE(0, 3);
      const [type, flags, stream] = [rest.readUInt8(3), rest.readUInt8(4), rest.readUInt32BE(5)];
      frames.push({ type, flags, stream, payload: rest.subarray(HEAD_BYTES, end) });
      rest = rest.subarray(end);
    }
  });
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(PREFACE);
  socket.write(frame(FRAME.settings, 0, 0));
  return {
    frames,
    send: (...bytes) => {
      for (const each of bytes) socket.write(each);
    },
    closed,
    destroy: () => socket.destroy(),
  };
}

/** The response on one stream; without a status, the request was refused before a response. */
export type Http2Answer = {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The error code with which the stream was closed; 0 for no error (RFC 9113 §7). */
  readonly code: number;
};

/** Sends one request over an HTTP/2 session and waits until its stream is closed. */
export async function requestOverHttp2(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: string,
): Promise<Http2Answer> {
  const stream = session.request(headers, { endStream: body === undefined });
  let answered: IncomingHttpHeaders & { ':status'?: number | undefined } = {};
  let received = '';
  stream.setEncoding('utf8');
  stream.on('response', (found) => {
    answered = found;
  });
  stream.on('data', (text: string) => {
    received += text;
  });
  stream.on('error', () => {});
  if (body !== undefined) stream.end(body);
  await once(stream, 'close');
  return { status: answered[':status'], headers: answered, body: received, code: stream.rstCode };
}

/** `fetch` over one HTTP/2 session. */
export function fetchOverHttp2(session: ClientHttp2Session): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname, search } = new URL(request.url);
    const head = {
      ':method': request.method,
      ':path': pathname + search,
      ...Object.fromEntries(request.headers),
    };
    const body = request.body === null ? undefined : await request.text();
    const { status = 0, headers, body: text } = await requestOverHttp2(session, head, body);
    const answer = new Headers();
    for (const [name, value] of Object.entries(headers)) {
      if (name.startsWith(':') || value === undefined) continue;
      for (const line of [value].flat()) answer.append(name, line);
    }
    return new Response(status === 303 ? null : text, { status, headers: answer });
  };
}

/** A certificate with its key. */
export type Pair = Awaited<ReturnType<typeof createSelfSigned>>;

/** @param hosts this machine by default */
export function newPair(hosts: readonly string[] = ['localhost', '127.0.0.1']): Promise<Pair> {
  const [validFrom, validTo] = [new Date(Date.UTC(2020, 0)), new Date(Date.UTC(2049, 0))];
  return createSelfSigned({ title: 'test', hosts, validFrom, validTo });
}

/** A system behind the real server with its own TLS. */
export type TlsServer = HttpServer & {
  readonly origin: string;
  readonly files: { readonly certificate: string; readonly key: string };
  readonly pair: Pair;
  /** Opens a connection and completes the TLS handshake, or rejects with the reason. */
  readonly connect: (options?: ConnectionOptions) => Promise<TLSSocket>;
  readonly connectHttp2: () => Promise<ClientHttp2Session>;
};

export async function startTlsServer(
  options: TestOptions = {},
  siteOptions: SiteOptions = {},
): Promise<TlsServer> {
  const folder = temporaryFolder();
  const files = { certificate: join(folder.path, 'tls.crt'), key: join(folder.path, 'tls.key') };
  const pair = await newPair();
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

const OPENSSL = { name: 'OpenSSL', command: 'openssl', folders: ['/usr/bin'], package: 'openssl' };
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** An authority that issues server certificates. */
export type Authority = {
  /** The file with its certificate. */
  readonly file: string;
  /** Issues a certificate with its key for a host. @param days its validity from now on */
  readonly issueCertificate: (name: string, days?: number) => ServerTls;
};

/** Creates an authority that only clients with its file trust; all files are in one folder. */
export function createAuthority(folder: string, name: string): Authority {
  const openssl = toolPath(OPENSSL);
  const path = (ending: string) => join(folder, `${name}.${ending}`);
  const run = (...words: readonly string[]) => runToEnd(openssl, words, {}, folder);
  const settings = [
    '[req]',
    'distinguished_name = name',
    '[name]',
    '[authority]',
    'basicConstraints = CA:TRUE',
  ];
  writeFileSync(path('cnf'), settings.join('\n'));
  const request = ['req', '-config', path('cnf'), ...NEW_KEY];
  const own = ['-x509', '-extensions', 'authority', '-days', '2', '-subj', `/CN=${name}`];
  run(...request, ...own, '-keyout', path('key'), '-out', path('pem'));
  return {
    file: path('pem'),
    issueCertificate: (host, days = 2) => {
      const file = (ending: string) => path(`${host}.${ending}`);
      writeFileSync(file('cnf'), `subjectAltName = DNS:${host}\n`);
      run(...request, '-subj', `/CN=${host}`, '-keyout', file('key'), '-out', file('csr'));
      const issuer = ['-CA', path('pem'), '-CAkey', path('key'), '-set_serial', '1', '-days', String(days)];
      run('x509', '-req', '-in', file('csr'), ...issuer, '-extfile', file('cnf'), '-out', file('pem'));
      const [certificate = '', key = '', authority = ''] = [file('pem'), file('key'), path('pem')].map(
        (name) => readFileSync(name, 'utf8'),
      );
      return { certificate, key, authority };
    },
  };
}

/** The connection to a site that no name server knows. */
export type TlsRoute = {
  readonly port: number;
  /** The trusted certificates, in PEM. */
  readonly authority: string;
  /** The address of this machine that the connection comes from. */
  readonly from: string;
};

/** `fetch` over HTTP/1.1 and TLS, to a port of this machine whatever the URL says. */
export function fetchThrough({ port, authority, from }: TlsRoute): (request: Request) => Promise<Response> {
  return async (request) => {
    const { hostname, pathname, search } = new URL(request.url);
    const body = request.body === null ? '' : await request.text();
    const headers = {
      host: hostname,
      ...Object.fromEntries(request.headers),
      'content-length': `${body.length}`,
    };
    const options = {
      method: request.method,
      path: pathname + search,
      headers,
      host: '127.0.0.1',
      port,
      servername: hostname,
      ca: authority,
      localAddress: from,
      agent: false,
    };
    return new Promise((resolve, reject) => {
      const outgoing = requestHttps(options, async (incoming) => {
        const answer = new Headers();
        for (const [name, values = []] of Object.entries(incoming.headersDistinct))
          for (const value of values) answer.append(name, value);
        const text = (await incoming.setEncoding('utf8').toArray()).join('');
        const { statusCode: status = 0 } = incoming;
        resolve(new Response(status === 303 || status === 308 ? null : text, { status, headers: answer }));
      });
      outgoing.on('error', reject).end(body);
    });
  };
}

/** A system on https, behind a front that terminates TLS and accepts no other host, as in a good deployment. */
export type HttpsServer = AsyncDisposable & {
  readonly system: TestSystem;
  readonly origin: string;
  /** The file with the certificate of the authority that issued its certificate. */
  readonly authorityFile: string;
};

/** Options are those of `createLatchkey`; the address is `https://localhost` and a free port. */
export async function startHttpsServer(options: TestOptions = {}): Promise<HttpsServer> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(temporaryFolder());
  const authority = createAuthority(folder.path, 'authority');
  const { certificate, key } = authority.issueCertificate('localhost');
  const port = await freePort();
  const host = `localhost:${port}`;
  const origin = `https://${host}`;
  const system = stack.use(await startSystem({ baseUrl: origin, ...options }));
  const listener = getRequestListener(system.system.handle);
  const minVersion: SecureVersion = 'TLSv1.2';
  const server = createServer({ cert: certificate, key, minVersion }, (incoming, outgoing) => {
    if (incoming.headers.host === host) listener(incoming, outgoing);
    else
      outgoing.writeHead(421, { ...system.system.core.answers.security, 'cache-control': 'no-store' }).end();
  });
  stack.defer(() => closed(server));
  await once(server.listen(port, 'localhost'), 'listening');
  const kept = stack.move();
  return { system, origin, authorityFile: authority.file, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
