import { once } from 'node:events';
import type { ClientHttp2Session, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';

/** What came back on one stream; without a status it was refused before there was an answer. */
export type Http2Answer = {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** With which code the stream was closed; 0 where nothing was wrong (RFC 9113 §7). */
  readonly code: number;
};

/** Sends one request over a session of HTTP/2 and waits until its stream is closed. */
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

/** `fetch` over one session of HTTP/2. */
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
