import {
  constants,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { ServerLimits } from './limits.ts';

/** What one HTTP/2 session may hold and waste before it is ended (A55). */
export function http2Options(limits: ServerLimits): SecureServerOptions {
  return {
    settings: {
      // RFC 9113 §6.5.2 recommends no fewer.
      maxConcurrentStreams: 100,
      maxHeaderListSize: limits.headerBytes,
    },
    // More than are answered with 431, so that this is how most are refused; with the pseudo-headers.
    maxHeaderListPairs: limits.headers * 2,
    maxSessionMemory: 2,
    maxSessionInvalidFrames: 100,
    // Streams that are opened and given up at once cost a server more than the client (CVE-2023-44487): a browser
    // that leaves a page gives up a few.
    streamResetBurst: 200,
    streamResetRate: 33,
  };
}

/**
 * Bounds the times of a session as Node.js does by itself on HTTP/1.1: to begin, to send a request, to take its
 * answer, and to be idle. Frames that ask nothing, such as PING, prolong none of them.
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
  const silence = timer(() => stream.close(constants.NGHTTP2_CANCEL), limits.silenceTime);
  stream.once('close', () => clearTimeout(silence));
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
