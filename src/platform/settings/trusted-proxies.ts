import { z } from 'zod';
import {
  type IpAddress,
  type IpNetwork,
  type IsTrustedProxy,
  isInNetwork,
  isPrivateAddress,
  parseIpAddress,
} from '../web/index.ts';
import { givenAs } from './option-kind.ts';
import { refuse } from './values.ts';

type Matches = (address: IpAddress) => boolean;

const NAMED: Readonly<Record<string, Matches>> = {
  loopback: (address) => address.range() === 'loopback',
  private: isPrivateAddress,
};
const ALL_ADDRESSES = ['all', 'any', '*', 'true'];
/** No network of one operator is wider than these, in bits of its prefix. */
const WIDEST = { ipv4: 8, ipv6: 7 } as const;
const WANTED = 'give networks such as 10.1.0.0/16 or 2001:db8::/48, addresses, `loopback` or `private`';

/** Networks and addresses of proxies, separated by commas or spaces. A list that contains all addresses is refused (A57). */
export const trustedProxies: z.ZodType<IsTrustedProxy, string> = givenAs(
  { list: 'commas' },
  z.string().transform((text, context) => {
    const trusted: Matches[] = [];
    for (const word of text.split(/[\s,]+/).filter((part) => part !== '')) {
      const matches = NAMED[word.toLowerCase()] ?? readNetwork(word);
      if (typeof matches === 'string')
        return refuse(context, `holds ${JSON.stringify(word)}${matches}; ${WANTED}`);
      trusted.push(matches);
    }
    return (text) => {
      const address = parseIpAddress(text);
      return address !== null && trusted.some((matches) => matches(address));
    };
  }),
);

const TOO_WIDE = ': a trusted proxy may claim any address, so this would let clients choose theirs';

/** @returns what is wrong with the text if it is a string */
function readNetwork(word: string): Matches | string {
  if (ALL_ADDRESSES.includes(word.toLowerCase())) return TOO_WIDE;
  const [, text = '', digits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(word) ?? [];
  const address = parseIpAddress(text);
  const longest = address?.kind() === 'ipv4' ? 32 : 128;
  const prefix = digits === undefined ? longest : Number(digits);
  if (address === null || prefix > longest) return ', which is no network';
  const network = unmapped([address, prefix]);
  if (network === null || network[1] < WIDEST[network[0].kind()]) return TOO_WIDE;
  return (other) => isInNetwork(other, network);
}

/** All IPv4 addresses, as IPv6 writes them. @see RFC 4291 §2.5.5.2 */
const MAPPED_PREFIX = 96;

/** An IPv4 network that is written as IPv6, as IPv4; null for a network that contains every IPv4 address. */
function unmapped([address, prefix]: IpNetwork): IpNetwork | null {
  const mapped = parseIpAddress('::ffff:0.0.0.0');
  if (!('parts' in address) || mapped === null) return [address, prefix];
  if (prefix <= MAPPED_PREFIX) return isInNetwork(mapped, [address, prefix]) ? null : [address, prefix];
  return address.isIPv4MappedAddress()
    ? [address.toIPv4Address(), prefix - MAPPED_PREFIX]
    : [address, prefix];
}
