import { parseIpAddress, UNKNOWN_ADDRESS } from '../web/index.ts';

/** The parts of an address by which its client is counted. */
export type ClientNetwork = {
  /** An IPv4 address, or the /64 of an IPv6 address: a client chooses freely among the addresses within it (A08). */
  readonly address: string;
  /** The /48 of an IPv6 address, which one customer has; null for IPv4. */
  readonly network: string | null;
};

/** @returns null for an unknown address: if all of them counted as one client, its visitors would lock each other out */
export function clientNetwork(text: string): ClientNetwork | null {
  if (text === UNKNOWN_ADDRESS) return null;
  const address = text.includes(':') ? parseIpAddress(text) : null;
  // An IPv4 address, or a text that is no address, which counts as one client.
  if (address === null || !('parts' in address)) return { address: text, network: null };
  const { parts } = address;
  return { address: `${firstGroups(parts, 4)}::/64`, network: `${firstGroups(parts, 3)}::/48` };
}

/**
 * The /16 of an IPv4 address or the /32 of an IPv6 address: a client usually stays in it when its provider assigns another
 * address. @returns null for an unknown address
 */
export function widerNetwork(text: string): string | null {
  if (text === UNKNOWN_ADDRESS) return null;
  const address = parseIpAddress(text);
  if (address === null) return text;
  return 'parts' in address ? firstGroups(address.parts, 2) : address.octets.slice(0, 2).join('.');
}

/** The network in which a client has all its addresses: an IPv4 address, or the /48 of an IPv6 address. */
export function widestNetwork(address: string): string | null {
  const from = clientNetwork(address);
  return from === null ? null : (from.network ?? from.address);
}

/** The first groups of an IPv6 address in hexadecimal, each without leading zeros. */
function firstGroups(parts: readonly number[], count: number): string {
  return parts
    .slice(0, count)
    .map((part) => part.toString(16))
    .join(':');
}
