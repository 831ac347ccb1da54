import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type FixedHeaders, NO_STORE } from '../core/http/headers.ts';

type BrokenStatus = 400 | 408 | 431;

/** What is wrong with bytes that never became a request. */
export function statusOfClientError(error: Error): BrokenStatus {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}

export function brokenRequestHeaders(security: FixedHeaders): FixedHeaders {
  return { ...security, ...NO_STORE, 'content-length': '0' };
}

/** Answers what the parser refused, with the same headers as everything else, and closes the connection. */
export function answerBrokenRequest(socket: Duplex, status: BrokenStatus, headers: FixedHeaders): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\n${lines.join('')}\r\n`);
}
