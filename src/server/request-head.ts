import type { IncomingMessage } from 'node:http';
import { Http2ServerRequest } from 'node:http2';
import type { ServerLimits } from './limits.ts';

type Head = Pick<IncomingMessage | Http2ServerRequest, 'rawHeaders' | 'url'>;

/** The status with which a request is refused for what its headers are; null where nothing is wrong with them. */
export function faultOfHead(incoming: Head, limits: ServerLimits): 400 | 431 | null {
  const { rawHeaders } = incoming;
  if (rawHeaders.length / 2 > limits.headers) return 431;
  if (incoming instanceof Http2ServerRequest && listSize(rawHeaders) > limits.headerBytes) return 431;
  let host: string | undefined;
  // A loop, as this is asked of every request.
  for (let position = 0; position < rawHeaders.length; position += 2) {
    const name = rawHeaders[position];
    if (name?.length !== 4 || name.toLowerCase() !== 'host') continue;
    // RFC 9112 §3.2: which of them another program on the way believed, nobody knows (A28).
    if (host !== undefined) return 400;
    host = rawHeaders[position + 1];
  }
  return saysOtherHost(incoming, host) || hasOtherSpelling(incoming.url) ? 400 : null;
}

/** RFC 9113 §6.5.2. Node.js tells clients the limit and holds none of them to it; of HTTP/1.1 its parser does. */
function listSize(rawHeaders: readonly string[]): number {
  let size = 16 * rawHeaders.length;
  for (const text of rawHeaders) size += text.length;
  return size;
}

// What reads the address from here on would leave these out, while a proxy that counts or refuses by path may have
// taken them for part of it: `/x/../login` (A08). No browser sends any of them.
const LEFT_OUT = /^[^?]*(?:[#\\]|\/(?:\.|%2e){1,2}(?:[/?]|$))/i;

function hasOtherSpelling(target: string | undefined): boolean {
  return target !== undefined && LEFT_OUT.test(target);
}

/** Whether a request names its host in a second place, too, and another one there. */
function saysOtherHost(incoming: Head, host: string | undefined): boolean {
  if (host === undefined) return false;
  if (incoming instanceof Http2ServerRequest) return !isSame(incoming.headers[':authority'], host);
  // An absolute address is what a client sends to a proxy; RFC 9112 §3.2.2 asks servers to take it, too.
  if (incoming.url === undefined || incoming.url.startsWith('/')) return false;
  const target = URL.parse(incoming.url);
  return target !== null && target.host !== '' && !isSame(target.host, host);
}

function isSame(one: string | undefined, other: string): boolean {
  return one === undefined || one.toLowerCase() === other.toLowerCase();
}
