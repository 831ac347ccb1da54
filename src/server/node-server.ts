import type { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { FixedHeaders } from '../core/http/headers.ts';
import type { System } from '../latchkey.ts';
import {
  answerBrokenRequest,
  brokenRequestHeaders,
  isOfHandshake,
  statusOfClientError,
} from './broken-requests.ts';
import type { Connections } from './connections.ts';
import { http2Options, limitSession } from './http2-limits.ts';
import { SERVER_LIMITS, type ServerLimits } from './limits.ts';
import { faultOfHead } from './request-head.ts';
import type { TlsIdentity } from './tls-files.ts';
import { TLS_POLICY } from './tls-policy.ts';

type Incoming = IncomingMessage | Http2ServerRequest;
type Outgoing = ServerResponse | Http2ServerResponse;
type Listener = (incoming: Incoming, outgoing: Outgoing) => void;

/** A server of Node's that answers with the system, and bounds what a client may take of it (A55). */
export function createPlainServer(
  system: System,
  connections: Connections,
  limits: ServerLimits = SERVER_LIMITS,
): Server {
  const security = brokenRequestHeaders(system.answers.security);
  const server = createServer(http1Options(limits), systemListener(system, connections, limits));
  server.on('connection', rememberAddress);
  limitRequests(server, security, limits);
  connections.watch(server, (socket) => answerBrokenRequest(socket, 503, security));
  return server;
}

/** The same over TLS, where the client chooses between HTTP/1.1 and HTTP/2 (ALPN). */
export function createTlsServer(
  system: System,
  connections: Connections,
  identity: TlsIdentity,
  limits: ServerLimits = SERVER_LIMITS,
): Http2SecureServer {
  const security = brokenRequestHeaders(system.answers.security);
  const options = { ...http1Options(limits), ...http2Options(limits), ...TLS_POLICY, ...identity };
  const handshakeTimeout = limits.handshakeTime;
  const server = createSecureServer(
    { ...options, allowHTTP1: true, handshakeTimeout },
    systemListener(system, connections, limits),
  );
  server.on('secureConnection', rememberAddress);
  server.on('session', (session: ServerHttp2Session) => limitSession(session, limits));
  limitRequests(server, security, limits);
  connections.watch(server, (socket) => socket.destroy());
  return server;
}

function http1Options(limits: ServerLimits) {
  return {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTime,
    requestTimeout: limits.requestTime,
    keepAliveTimeout: limits.keepAliveTime,
    connectionsCheckingInterval: limits.checkInterval,
    // Refused further on, where the answer gets the same headers as every other.
    requireHostHeader: false,
  };
}

function systemListener(system: System, connections: Connections, limits: ServerLimits): Listener {
  const { handle, answers } = system;
  const security = brokenRequestHeaders(answers.security);
  const answer = getRequestListener((request, environment) => handle(request, withAddress(environment)), {
    errorHandler: () => answers.problem(400),
  });
  return (incoming, outgoing) => {
    const isHttp2 = incoming instanceof Http2ServerRequest;
    if (!connections.begin(isHttp2 ? incoming.stream.session : incoming.socket, outgoing)) {
      incoming.destroy();
      return;
    }
    const fault = faultOfHead(incoming, limits);
    if (fault === null) answer(incoming, outgoing);
    else refuse(outgoing, fault, security);
  };
}

// Where HTTP/2 is spoken the socket cannot be asked any more once the session has ended.
function withAddress(environment: { readonly incoming: Incoming }): object {
  const { incoming } = environment;
  if (!(incoming instanceof Http2ServerRequest)) return environment;
  return { incoming: { socket: { remoteAddress: incoming.stream.session?.socket.remoteAddress } } };
}

// Asked for once, the address is kept: a client that is gone when it is logged cannot take it along.
function rememberAddress(socket: Socket): void {
  void socket.remoteAddress;
}

function limitRequests(server: EventEmitter, security: FixedHeaders, limits: ServerLimits): void {
  // Node would drop headers beyond its own limit and go on, as if they had not been there.
  Object.assign(server, { maxHeadersCount: 0, timeout: limits.silenceTime });
  server.on('checkExpectation', (_: Incoming, outgoing: Outgoing) => refuse(outgoing, 417, security));
  server.on('clientError', (error: Error, socket: Socket) => {
    if (isOfHandshake(error)) socket.destroy();
    else answerBrokenRequest(socket, statusOfClientError(error), security);
  });
}

function refuse(outgoing: Outgoing, status: 400 | 417 | 431, security: FixedHeaders): void {
  // HTTP/2 has no `Connection` (RFC 9113 §8.2.2), and there one bad request says nothing of the others.
  if (outgoing instanceof ServerResponse) outgoing.writeHead(status, { ...security, connection: 'close' });
  else outgoing.writeHead(status, security);
  outgoing.end();
}
