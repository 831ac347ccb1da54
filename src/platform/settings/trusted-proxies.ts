import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

const WORDS: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  // RFC 1918 §3, RFC 4193 §3.1
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

const EVERYBODY = ['all', 'any', '*', 'true'];
/** No network of one operator is wider than these, in bits of its prefix. */
const WIDEST = { ipv4: 8, ipv6: 7 } as const;
const WANTED = 'give networks such as 10.1.0.0/16 or 2001:db8::/48, addresses, `loopback` or `private`';

type Network = {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly prefix: number;
};

/** Networks and addresses of proxies, separated by commas or spaces. One that held everybody is refused (A57). */
export const trustedProxies: z.ZodType<BlockList, string> = z.string().transform((text, context) => {
  const trusted = new BlockList();
  for (const word of text.split(/[\s,]+/).filter((part) => part !== '')) {
    for (const spelling of WORDS[word.toLowerCase()] ?? [word]) {
      const problem = add(trusted, spelling);
      if (problem === null) continue;
      context.addIssue({ code: 'custom', message: problem });
      return z.NEVER;
    }
  }
  return trusted;
});

/** Adds a network, or says what is wrong with it. */
function add(trusted: BlockList, word: string): string | null {
  if (EVERYBODY.includes(word.toLowerCase())) return tooWide(word);
  const network = readNetwork(word);
  if (network === null) return `holds ${JSON.stringify(word)}, which is no network; ${WANTED}`;
  const { address, family, prefix } = network;
  if (prefix < WIDEST[family]) return tooWide(word);
  const alone = new BlockList();
  alone.addSubnet(address, prefix, family);
  // Every IPv4 address stands among those of IPv6, too, below ::ffff:0:0/96 (RFC 4291 §2.5.5.2).
  if (family === 'ipv6' && alone.check('::ffff:0.0.0.0', 'ipv6') && prefix <= 96) return tooWide(word);
  trusted.addSubnet(address, prefix, family);
  return null;
}

function tooWide(word: string): string {
  return `holds ${JSON.stringify(word)}: whoever is trusted may claim any address, so this would let strangers choose theirs; ${WANTED}`;
}

function readNetwork(word: string): Network | null {
  const [, address = '', digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(word) ?? [];
  const family = isIP(address) === 4 ? 'ipv4' : isIP(address) === 6 ? 'ipv6' : null;
  if (family === null || address.includes('%')) return null;
  const longest = family === 'ipv4' ? 32 : 128;
  const prefix = digits === undefined ? longest : Number(digits);
  return prefix > longest ? null : { address, family, prefix };
}
