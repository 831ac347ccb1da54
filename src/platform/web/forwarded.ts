import { isIP, SocketAddress } from 'node:net';

/** One station of a request's way, as a proxy tells it: an address, or null where it told none that can be read. */
export type Hop = string | null;

/** Reads `X-Forwarded-For`: the stations in the order of the way, the nearest last. */
export function hopsOfForwardedFor(value: string): readonly Hop[] {
  return value
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '')
    .map(addressOfNode);
}

/**
 * Reads `Forwarded` (RFC 7239 §4). One mistake anywhere makes all of it worthless: a quote that a client leaves open
 * would swallow what the proxy has written behind it.
 * @returns the stations in the order of the way, the nearest last; null when it is malformed
 */
export function hopsOfForwarded(value: string): readonly Hop[] | null {
  const hops: Hop[] = [];
  let node: string | undefined;
  let end = 0;
  for (const [piece, name, token, quoted, separator] of value.matchAll(PAIR)) {
    end += piece.length;
    if (name?.toLowerCase() === 'for') {
      // RFC 7239 §4: no parameter stands twice in one element.
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

/** One `name=value` and what comes behind it. Sticky: nothing may stand between two of them. */
const PAIR = new RegExp(`[ \\t]*(${TOKEN})=(?:(${TOKEN})|${QUOTED})[ \\t]*([;,]|$)`, 'gy');

/**
 * The address in a node's name, in one spelling: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`;
 * null for `unknown`, for `_hidden` and for whatever else is no address (RFC 7239 §6).
 */
function addressOfNode(node: string): Hop {
  const [, bracketed] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(node) ?? [];
  const [, withoutPort] = /^([\d.]+):\d{1,5}$/.exec(node) ?? [];
  const address = bracketed ?? withoutPort ?? node;
  const family = isIP(address);
  // A zone (`%eth0`) has a meaning only on the machine that wrote it.
  if (family === 0 || address.includes('%') || (bracketed !== undefined && family !== 6)) return null;
  return family === 4 ? address : plainAddress(new SocketAddress({ address, family: 'ipv6' }).address);
}

/** An address in its plain form: IPv4 that came by way of IPv6 is IPv4 (RFC 4291 §2.5.5.2). */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}
