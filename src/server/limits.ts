import {
  constants,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { MINUTE, SECOND } from '../platform/runtime/index.ts';

/** What a client may take of the server at most. Times are in milliseconds. */
export type ServerLimits = {
  readonly headerBytes: number;
  readonly headers: number;
  /** To send the headers, counted from the connection if it is new. */
  readonly headersTime: number;
  /** To send the whole request. */
  readonly requestTime: number;
  readonly keepAliveTime: number;
  /** How long a client may read nothing of its response. */
  readonly writeTimeout: number;
  /** To complete the TLS handshake. */
  readonly handshakeTime: number;
  /** How often connections are checked. */
  readonly checkInterval: number;
  /** For the open requests when the server shuts down. */
  readonly graceTime: number;
};

export const SERVER_LIMITS: ServerLimits = {
  headerBytes: 16 * 1024,
  headers: 100,
  headersTime: 15 * SECOND,
  requestTime: 30 * SECOND,
  // Most proxies keep a connection for a minute; with less, one would be closed just as a proxy uses it again.
  keepAliveTime: 65 * SECOND,
  writeTimeout: 2 * MINUTE,
  handshakeTime: 10 * SECOND,
  checkInterval: 5 * SECOND,
  graceTime: 10 * SECOND,
};

/** The limits of HTTP/1.1 that Node.js enforces. */
export function http1Options(limits: ServerLimits) {
  return {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTime,
    requestTimeout: limits.requestTime,
    keepAliveTimeout: limits.keepAliveTime,
    connectionsCheckingInterval: limits.checkInterval,
    // Refused later, where the response gets the same headers as every other.
    requireHostHeader: false,
  };
}

/** The limits of one HTTP/2 session (A55). */
export function http2Options(limits: ServerLimits): SecureServerOptions {
  return {
    settings: {
      // RFC 9113 §6.5.2 recommends at least 100.
      maxConcurrentStreams: 100,
      maxHeaderListSize: limits.headerBytes,
    },
    // More than `limits.headers`, so that most requests with too many are answered with 431; with pseudo-headers.
    maxHeaderListPairs: limits.headers * 2,
    maxSessionMemory: 2,
    maxSessionInvalidFrames: 100,
    // Rapid reset (CVE-2023-44487) costs a server more than the client. A browser that leaves a page resets a few.
    streamResetBurst: 200,
    streamResetRate: 33,
  };
}

/**
 * Applies the timeouts that Node.js itself applies to HTTP/1.1 to an HTTP/2 session: for the first request, the body,
 * the response and keep-alive. Frames without a request, such as PING, extend none of them.
 */
export function limitSession(session: ServerHttp2Session, limits: ServerLimits): void {
  let open = 0;
  let idle = timer(() => session.destroy(), limits.headersTime);
  session.on('stream', (stream) => {
    open += 1;
    clearTimeout(idle);
    limitStream(stream, limits);
    stream.once('close', () => {
      open -= 1;
      if (open > 0 || session.destroyed) return;
      clearTimeout(idle);
      idle = timer(() => session.destroy(), limits.keepAliveTime);
    });
  });
  session.once('close', () => clearTimeout(idle));
}

function limitStream(stream: ServerHttp2Stream, limits: ServerLimits): void {
  const write = timer(() => stream.close(constants.NGHTTP2_CANCEL), limits.writeTimeout);
  stream.once('close', () => clearTimeout(write));
  if (stream.endAfterHeaders) return;
  const body = timer(() => endSlowRequest(stream), limits.requestTime);
  for (const event of ['end', 'close']) stream.once(event, () => clearTimeout(body));
}

function endSlowRequest(stream: ServerHttp2Stream): void {
  if (!stream.headersSent && !stream.destroyed) stream.respond({ ':status': 408 }, { endStream: true });
  stream.close(constants.NGHTTP2_CANCEL);
}

function timer(action: () => void, milliseconds: number): NodeJS.Timeout {
  return setTimeout(action, milliseconds).unref();
}
