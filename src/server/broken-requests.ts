import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { System } from '../latchkey.ts';
import { type FixedHeaders, NO_STORE } from '../platform/web/headers.ts';

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

/** An answer that is the same for all requests that cannot be read. */
export type FixedAnswer = { readonly headers: FixedHeaders; readonly body: string };

/** The answer with this status: a page where there is one, else no content. */
export type FixedAnswers = (status: number) => FixedAnswer;

/** @param pages what is shown for a status, none where it is left out */
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

/** The same with the pages of a system. */
export function fixedAnswersOf({ answers, errors }: Pick<System, 'answers' | 'errors'>): FixedAnswers {
  return createFixedAnswers(answers.security, {
    400: errors.page(400),
    431: errors.page(431),
    503: errors.page(503),
  });
}

/**
 * Answers what never became a request, with the same headers as everything else, and closes the connection.
 * @param status what the parser found, or 503 where there is no room for another connection
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
