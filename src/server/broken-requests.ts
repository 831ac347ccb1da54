import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type FixedHeaders, NO_STORE } from '../core/http/headers.ts';

type BrokenStatus = 400 | 408 | 431;
const RETRY_SECONDS = 5;

/** What is wrong with bytes that never became a request. */
export function statusOfClientError(error: Error): BrokenStatus {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}

/** Whether a connection broke before its two ends agreed on keys, so that nobody could read an answer. */
export function isOfHandshake(error: Error): boolean {
  return 'code' in error && /^ERR_(SSL|TLS)_/.test(String(error.code));
}

export function brokenRequestHeaders(security: FixedHeaders): FixedHeaders {
  return { ...security, ...NO_STORE, 'content-length': '0' };
}

/**
 * Answers what never became a request, with the same headers as everything else, and closes the connection.
 * @param status what the parser found, or 503 where there is no room for another connection
 */
export function answerBrokenRequest(socket: Duplex, status: BrokenStatus | 503, headers: FixedHeaders): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const all = status === 503 ? { ...headers, 'retry-after': `${RETRY_SECONDS}` } : headers;
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\n${lines.join('')}\r\n`);
}
