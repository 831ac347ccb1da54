import { type LookupAddress, lookup } from 'node:dns';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { isIP, type LookupFunction } from 'node:net';
import type { CustomFetch, CustomFetchOptions } from 'openid-client';
import { isPublicAddress } from '../../../platform/web/index.ts';

/** Thrown if an address must not be requested or its response is too large. */
export class OutboundRefused extends Error {
  readonly reason: 'address-not-public' | 'answer-too-large' | 'body-not-sendable';
  constructor(reason: OutboundRefused['reason']) {
    super(`a call to a provider was refused: ${reason}`);
    this.name = 'OutboundRefused';
    this.reason = reason;
  }
}

/** The documents of providers have a few thousand bytes. */
const MAX_BYTES = 256 * 1024;

export type Resolve = (
  hostname: string,
  options: { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export type OutboundOptions = {
  /** Whether addresses of private networks may be requested. */
  readonly isPrivateNetworkAllowed: boolean;
  readonly resolve?: Resolve;
};

/**
 * Requests an address of a provider. Resolved addresses are validated when the connection is made, so that a second DNS
 * response cannot differ (DNS rebinding). Redirects are not followed, and the response is limited in size (A26).
 */
export function createOutboundFetch({
  isPrivateNetworkAllowed,
  resolve = lookup,
}: OutboundOptions): CustomFetch {
  const isAllowed = (address: string) => isPrivateNetworkAllowed || isPublicAddress(address);
  const guardedLookup = createGuardedLookup(resolve, isAllowed);
  return async (address, { method, headers, body, signal }) => {
    const url = new URL(address);
    // Node.js resolves no literal address.
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(literal) !== 0 && !isAllowed(literal)) throw new OutboundRefused('address-not-public');
    // Imported when they are needed: both together take a tenth of the memory at the start.
    const { request } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'));
    const outgoing = request(url, {
      method,
      headers: { ...headers, 'user-agent': 'Latchkey' },
      lookup: guardedLookup,
      // A new connection: a kept one may have been made under other rules.
      agent: false,
      ...(signal !== undefined && { signal }),
    });
    outgoing.end(sendable(body));
    const [incoming]: IncomingMessage[] = await once(outgoing, 'response');
    if (incoming === undefined) throw new TypeError('a response without a message');
    return responseFrom(incoming);
  };
}

function createGuardedLookup(resolve: Resolve, isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { all: true }, (error, found) => {
      if (error !== null) return done(error, []);
      const [first, ...more] = found.filter(({ address }) => isAllowed(address));
      if (first === undefined) return done(new OutboundRefused('address-not-public'), []);
      if (options.all === true) return done(null, [first, ...more]);
      done(null, first.address, first.family);
    });
  };
}

function sendable(body: CustomFetchOptions['body']): string | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new OutboundRefused('body-not-sendable');
}

async function responseFrom(incoming: IncomingMessage): Promise<Response> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    const part = Buffer.from(chunk);
    bytes += part.byteLength;
    // Throwing in the loop destroys the connection.
    if (bytes > MAX_BYTES) throw new OutboundRefused('answer-too-large');
    chunks.push(part);
  }
  const { statusCode: status = 502, headers } = incoming;
  const isBodiless = status === 204 || status === 205 || status === 304;
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  return new Response(isBodiless ? null : Buffer.concat(chunks), { status, headers: pairs });
}
