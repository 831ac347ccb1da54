import { isIP, SocketAddress } from 'node:net';
import { z } from 'zod';

/** What the server hands over beside the request; an application that mounts us may hand over the same. */
const connection = z.object({
  incoming: z.object({ socket: z.object({ remoteAddress: z.string() }) }),
});

/** The address of a request that came by an unknown connection. */
export const UNKNOWN_ADDRESS = 'unknown';

/** The address that a request came from, or `unknown`. */
export type ClientAddress = (headers: Headers, environment: unknown) => string;

/** Beside a request whose client the application itself has found: no header is consulted. */
export type KnownClient = { readonly client: string };

function knownClient(environment: unknown): string | null {
  if (typeof environment !== 'object' || environment === null || !('client' in environment)) return null;
  return typeof environment.client === 'string' ? environment.client : null;
}

export type IsTrustedProxy = (address: string) => boolean;

/**
 * Decides which statement counts. Headers are read only where the connection comes from a trusted proxy; then the client
 * is the nearest hop that is no trusted proxy, as everything beyond it may be made up (A08).
 * @param isTrusted null where no proxy is trusted
 * @param header the one that those proxies write; either where it is left out
 */
export function createClientAddress(
  isTrusted: IsTrustedProxy | null,
  header?: ForwardedHeader,
): ClientAddress {
  if (isTrusted === null) return (_, environment) => knownClient(environment) ?? peerAddress(environment);
  return (headers, environment) => {
    const known = knownClient(environment);
    if (known !== null) return known;
    const peer = peerAddress(environment);
    if (peer === UNKNOWN_ADDRESS || !isTrusted(peer)) return peer;
    let nearest = peer;
    for (const hop of statedHops(headers, header).toReversed()) {
      // The proxy that wrote this knew no more, so its address is used for the clients behind it.
      if (hop === null) return nearest;
      nearest = hop;
      if (!isTrusted(hop)) return nearest;
    }
    return nearest;
  };
}

/** Which of the two headers the trusted proxies write. */
export type ForwardedHeader = 'x-forwarded-for' | 'forwarded';

/**
 * What the two headers state. A proxy writes one of them and hands on the other as the client sent it. Where no setting
 * says which, neither counts when they disagree.
 */
function statedHops(headers: Headers, header?: ForwardedHeader): readonly Hop[] {
  const forwardedFor = header === 'forwarded' ? null : headers.get('x-forwarded-for');
  const forwarded = header === 'x-forwarded-for' ? null : headers.get('forwarded');
  const fromForwarded = forwarded === null ? null : (hopsOfForwarded(forwarded) ?? []);
  if (forwardedFor === null) return fromForwarded ?? [];
  const fromForwardedFor = hopsOfForwardedFor(forwardedFor);
  const isAgreed = fromForwarded === null || fromForwarded.join() === fromForwardedFor.join();
  return isAgreed ? fromForwardedFor : [];
}

/** The other end of the connection, be it a proxy or not; or `unknown`. */
export function peerAddress(environment: unknown): string {
  const parsed = connection.safeParse(environment);
  return parsed.success ? plainAddress(parsed.data.incoming.socket.remoteAddress) : UNKNOWN_ADDRESS;
}

/** One hop of a request, as a proxy states it: an address, or null where it states none that can be read. */
type Hop = string | null;

/** Reads `X-Forwarded-For`: the hops in the order of the request, the nearest last. */
function hopsOfForwardedFor(value: string): readonly Hop[] {
  return value
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '')
    .map(addressOfNode);
}

/**
 * Reads `Forwarded` (RFC 7239 §4). One mistake anywhere makes all of it worthless: a quote that a client leaves open
 * would swallow what the proxy has appended.
 * @returns the hops in the order of the request, the nearest last; null when it is malformed
 */
function hopsOfForwarded(value: string): readonly Hop[] | null {
  const hops: Hop[] = [];
  let node: string | undefined;
  let end = 0;
  for (const [piece, name, token, quoted, separator] of value.matchAll(PAIR)) {
    end += piece.length;
    if (name?.toLowerCase() === 'for') {
      // RFC 7239 §4: no parameter is repeated in one element.
      if (node !== undefined) return null;
      node = token ?? quoted?.replace(/\\(.)/g, '$1') ?? '';
    }
    if (separator === ';') continue;
    hops.push(node === undefined ? null : addressOfNode(node));
    node = undefined;
    if (separator === '') break;
  }
  return end === value.length ? hops : null;
}

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const QUOTED = '"((?:[^"\\\\]|\\\\.)*)"';

/** One `name=value` and what comes behind it. Sticky: nothing may be between two of them. */
const PAIR = new RegExp(`[ \\t]*(${TOKEN})=(?:(${TOKEN})|${QUOTED})[ \\t]*([;,]|$)`, 'gy');

/**
 * The address in a node's name, in one spelling: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`;
 * null for `unknown`, `_hidden` and all else that is no address (RFC 7239 §6).
 */
export function addressOfNode(node: string): Hop {
  const [, bracketed] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(node) ?? [];
  const [, withoutPort] = /^([\d.]+):\d{1,5}$/.exec(node) ?? [];
  const address = bracketed ?? withoutPort ?? node;
  const family = isIP(address);
  // A zone (`%eth0`) has a meaning only on the machine that wrote it.
  if (family === 0 || address.includes('%') || (bracketed !== undefined && family !== 6)) return null;
  return family === 4 ? address : plainAddress(new SocketAddress({ address, family: 'ipv6' }).address);
}

/** An address in its plain form: IPv4 that came by way of IPv6 is IPv4 (RFC 4291 §2.5.5.2). */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}
