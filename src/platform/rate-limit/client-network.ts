import { isIPv4, isIPv6 } from 'node:net';
import { UNKNOWN_ADDRESS } from '../web/client-address.ts';

/** The part of an address that one customer has, and for IPv6 also the part that one site has. */
export type ClientNetwork = {
  /** An IPv4 address, or the /64 of an IPv6 one: within it everybody chooses their addresses freely (A08). */
  readonly address: string;
  /** The /48 of an IPv6 address; null for IPv4. */
  readonly network: string | null;
};

/** @returns null where nobody told the address: counted as one, all visitors would lock each other out */
export function clientNetwork(address: string): ClientNetwork | null {
  if (isIPv4(address)) return { address, network: null };
  const withoutZone = address.replace(/%.*$/, '');
  if (isIPv6(withoutZone)) {
    const groups = ipv6Groups(withoutZone);
    return {
      address: `${groups.slice(0, 4).join(':')}::/64`,
      network: `${groups.slice(0, 3).join(':')}::/48`,
    };
  }
  // What is no address at all is one client, whoever that is.
  return address === UNKNOWN_ADDRESS ? null : { address, network: null };
}

/**
 * The wide part of an address, in which somebody stays who is given another one by the same provider: 16 bits of IPv4, 32
 * of IPv6. @returns null where nobody told the address
 */
export function widerNetwork(address: string): string | null {
  if (isIPv4(address)) return address.split('.').slice(0, 2).join('.');
  const withoutZone = address.replace(/%.*$/, '');
  if (isIPv6(withoutZone)) return ipv6Groups(withoutZone).slice(0, 2).join(':');
  return address === UNKNOWN_ADDRESS ? null : address;
}

/** The eight groups of an IPv6 address, each without leading zeros. */
function ipv6Groups(address: string): readonly string[] {
  // The URL standard writes every address in one way (RFC 5952), with at most one `::`.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [before = '', after] = canonical.split('::');
  const [head, tail] = [before, after ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  if (head === undefined || tail === undefined || after === undefined) return head ?? [];
  return [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
}
