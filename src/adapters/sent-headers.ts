import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { keepFromCaches } from '../library/caches.ts';
import { toHeaders } from '../library/request-like.ts';

type Written = OutgoingHttpHeaders | readonly OutgoingHttpHeader[];

/**
 * Keeps the response to an admitted request from caches. That is decided when its headers are sent, after all that the
 * route says: every way of sending them calls `writeHead`, with HTTP/1 and HTTP/2.
 */
export function keepFromCachesWhenSent(outgoing: ServerResponse): void {
  const { writeHead } = outgoing;
  const write = (status: number, reason?: string | Written, headers?: Written): unknown => {
    Object.assign(outgoing, { writeHead });
    setAll(outgoing, (typeof reason === 'string' ? headers : reason) ?? {});
    keepSentFromCaches(outgoing);
    return Reflect.apply(writeHead, outgoing, typeof reason === 'string' ? [status, reason] : [status]);
  };
  Object.assign(outgoing, { writeHead: write });
}

function setAll(outgoing: ServerResponse, headers: Written): void {
  const isList = (value: Written): value is readonly OutgoingHttpHeader[] => Array.isArray(value);
  if (!isList(headers)) {
    for (const [name, value] of Object.entries(headers))
      if (value !== undefined) outgoing.setHeader(name, value);
    return;
  }
  // Names and values in turn; a name that comes twice has two values.
  const names = headers.filter((_, index) => index % 2 === 0).map(String);
  for (const name of names) outgoing.removeHeader(name);
  names.forEach((name, index) => {
    const value = headers[2 * index + 1] ?? '';
    outgoing.appendHeader(name, typeof value === 'number' ? String(value) : value);
  });
}

function keepSentFromCaches(outgoing: ServerResponse): void {
  const sent = new Headers();
  for (const name of ['cache-control', 'content-type', 'set-cookie', 'vary'])
    for (const value of [outgoing.getHeader(name) ?? []].flat()) sent.append(name, String(value));
  keepFromCaches({ headers: toHeaders(outgoing.req.headers) }, sent);
  for (const name of ['cache-control', 'vary']) {
    const value = sent.get(name);
    if (value !== null) outgoing.setHeader(name, value);
  }
}
