import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { System } from '../latchkey.ts';
import { type FixedHeaders, NO_STORE } from '../platform/web/index.ts';

type BrokenStatus = 400 | 408 | 431;
const RETRY_SECONDS = 5;

/** The status of a request that could not be parsed. */
export function statusOfClientError(error: Error): BrokenStatus {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}

/** Whether the TLS handshake failed, so that the client could not read a response. */
export function isHandshakeError(error: Error): boolean {
  return 'code' in error && /^ERR_(SSL|TLS)_/.test(String(error.code));
}

/** A response that is the same for every unreadable request. */
export type FixedAnswer = { readonly headers: FixedHeaders; readonly body: string };

/** The response with this status: a page if there is one, else no content. */
export type FixedAnswers = (status: number) => FixedAnswer;

/** @param pages the page of each status; a status without one gets an empty body */
export function createFixedAnswers(
  security: FixedHeaders,
  pages: Readonly<Partial<Record<number, string>>> = {},
): FixedAnswers {
  const answerWith = (body: string): FixedAnswer => ({
    headers: {
      ...security,
      ...NO_STORE,
      ...(body !== '' && { 'content-type': 'text/html; charset=utf-8' }),
      'content-length': `${Buffer.byteLength(body)}`,
    },
    body,
  });
  const answers = new Map(Object.entries(pages).map(([status, body]) => [status, answerWith(body ?? '')]));
  const empty = answerWith('');
  return (status) => answers.get(`${status}`) ?? empty;
}

export function fixedAnswersOf({ core: { answers }, errors }: System): FixedAnswers {
  return createFixedAnswers(answers.security, {
    400: errors.page(400),
    431: errors.page(431),
    503: errors.page(503),
  });
}

/**
 * Answers an unreadable request with the same headers as every response, and closes the connection.
 * @param status what the parser found, or 503 if the server has too many connections
 */
export function answerBrokenRequest(socket: Duplex, status: BrokenStatus | 503, answers: FixedAnswers): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { headers, body } = answers(status);
  const all = status === 503 ? { ...headers, 'retry-after': `${RETRY_SECONDS}` } : headers;
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\n${lines.join('')}\r\n${body}`,
  );
}
