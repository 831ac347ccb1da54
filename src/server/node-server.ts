import type { EventEmitter } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { System } from '../latchkey.ts';
import {
  answerBrokenRequest,
  type FixedAnswers,
  fixedAnswersOf,
  isHandshakeError,
  statusOfClientError,
} from './broken-requests.ts';
import type { Connections } from './connections.ts';

import { http1Options, http2Options, limitSession, SERVER_LIMITS, type ServerLimits } from './limits.ts';
import type { Incoming, Outgoing } from './messages.ts';
import { http1Listener, listenerForBoth, refuse } from './request-listeners.ts';
import { TLS_POLICY, type TlsIdentity } from './tls.ts';

/** A Node.js server for the system, with limits on what a client may use (A55). */
export function createPlainServer(
  system: System,
  connections: Connections,
  limits: ServerLimits = SERVER_LIMITS,
): Server {
  const fixed = fixedAnswersOf(system);
  const server = createServer(http1Options(limits), http1Listener(system, connections, limits));
  server.on('connection', rememberAddress);
  limitRequests(server, fixed, limits);
  connections.watch(server, (socket) => answerBrokenRequest(socket, 503, fixed));
  return server;
}

/** The same over TLS, where the client chooses between HTTP/1.1 and HTTP/2 (ALPN). */
export function createTlsServer(
  system: System,
  connections: Connections,
  identity: TlsIdentity,
  limits: ServerLimits = SERVER_LIMITS,
): Http2SecureServer {
  const fixed = fixedAnswersOf(system);
  const options = { ...http1Options(limits), ...http2Options(limits), ...TLS_POLICY, ...identity };
  const handshakeTimeout = limits.handshakeTime;
  const server = createSecureServer(
    { ...options, allowHTTP1: true, handshakeTimeout },
    listenerForBoth(system, connections, limits),
  );
  server.on('secureConnection', rememberAddress);
  server.on('session', (session: ServerHttp2Session) => limitSession(session, limits));
  limitRequests(server, fixed, limits);
  connections.watch(server, (socket) => socket.destroy());
  return server;
}

// Node.js keeps the address once it is read. Without this, it is lost when the client disconnects before it is logged.
function rememberAddress(socket: Socket): void {
  void socket.remoteAddress;
}

function limitRequests(server: EventEmitter, fixed: FixedAnswers, limits: ServerLimits): void {
  // Node.js would ignore headers beyond its own limit.
  Object.assign(server, { maxHeadersCount: 0, timeout: limits.writeTimeout });
  server.on('checkExpectation', (incoming: Incoming, outgoing: Outgoing) =>
    refuse(incoming, outgoing, 417, fixed),
  );
  server.on('clientError', (error: Error, socket: Socket) => {
    if (isHandshakeError(error)) socket.destroy();
    else answerBrokenRequest(socket, statusOfClientError(error), fixed);
  });
}
