import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;
/** An address and the length of its prefix in bits. */
export type IpNetwork = readonly [IpAddress, number];

/**
 * Parses an address without brackets and drops its zone (`%eth0`).
 * `isIP` comes first because `ipaddr.js` alone accepts `127.1` and `0x7f.1`.
 */
export function parseIpAddress(text: string): IpAddress | null {
  return isIP(text) === 0 ? null : ipaddr.parse(text.replace(/%.*$/, ''));
}

export function isInNetwork(address: IpAddress, [network, prefix]: IpNetwork): boolean {
  return address.kind() === network.kind() && address.match(network, prefix);
}

/** IPv6 addresses outside it are mapped, translated or local. @see RFC 4291 §2.4 */
const GLOBAL_UNICAST: IpNetwork = [ipaddr.parse('2000::'), 3];

/**
 * Whether a text is an address that is reachable from everywhere: not private, reserved, multicast or malformed (A26).
 * @see IANA IPv4 and IPv6 Special-Purpose Address Registries
 */
export function isPublicAddress(text: string): boolean {
  const address = text.includes('%') ? null : parseIpAddress(text);
  if (address === null || address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || isInNetwork(address, GLOBAL_UNICAST);
}

/** Whether an address belongs to a private network. @see RFC 1918 §3; RFC 4193 §3.1 */
export function isPrivateAddress(address: IpAddress): boolean {
  return address.range() === 'private' || address.range() === 'uniqueLocal';
}
