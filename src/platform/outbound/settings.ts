import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { resultOrNull } from '../runtime/index.ts';
import { givenAs, optionalSetting, refuse, setting } from '../settings/index.ts';
import { type IpNetwork, isInNetwork, parseIpAddress } from '../web/index.ts';
import { bareHost, type IsExempt, type ProxyServer, portOf } from './proxies.ts';

const WANTED = 'give http://host:port or https://host:port, with user and password percent-encoded';

const proxyUrl: z.ZodType<ProxyServer, string> = givenAs(
  'url',
  z.string().transform((text, context) => {
    const reading = readProxy(text.trim());
    return typeof reading === 'string' ? refuse(context, reading) : reading;
  }),
);

/**
 * Which proxies outgoing requests use. The names are those that other software reads, too.
 * @see https://everything.curl.dev/usingcurl/proxies/env.html
 */
export const outboundSettings = {
  httpsProxy: optionalSetting({
    name: 'HTTPS_PROXY',
    meaning:
      'HTTP proxy for outgoing https requests: to identity providers and to the service for breached passwords, such as `http://proxy.example.org:3128`. Also read as `https_proxy`.',
    fallbackMeaning: 'none: direct connections',
    secret: true,
    masked: withoutUser,
    schema: proxyUrl,
  }),
  httpProxy: optionalSetting({
    name: 'HTTP_PROXY',
    meaning: 'The same for outgoing http requests, which there are in development only.',
    fallbackMeaning: 'none: direct connections',
    secret: true,
    masked: withoutUser,
    schema: proxyUrl,
  }),
  noProxy: setting({
    name: 'NO_PROXY',
    meaning:
      'What is requested without a proxy, separated by commas: domains with their subdomains, addresses and networks such as `10.0.0.0/8`, each also with a port, or `*` for all. This machine always is.',
    fallback: '',
    fallbackMeaning: 'none',
    schema: givenAs({ list: 'commas' }, z.string().transform(readExemptions)),
  }),
};

/** The user information, even of a text that is no URL. */
function withoutUser(text: string): string {
  const reading = readProxy(text.trim());
  return typeof reading === 'string' ? '********' : reading.label;
}

/** @returns what is wrong with the text if it is a string; nothing of the text is in it */
function readProxy(text: string): ProxyServer | string {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  // As other software reads it: `proxy:3128` is a proxy that is spoken to in plain HTTP.
  const url = URL.parse(hasScheme ? text : `http://${text}`);
  if (url !== null && /^socks/.test(url.protocol))
    return `is a SOCKS proxy, which is not supported; ${WANTED}`;
  if (url === null || !/^https?:$/.test(url.protocol)) return `is no HTTP proxy; ${WANTED}`;
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '')
    return `has more than a proxy in it; ${WANTED}`;
  const user = resultOrNull(() => decodeURIComponent(url.username));
  const pass = resultOrNull(() => decodeURIComponent(url.password));
  if (user === null || pass === null) return `is not percent-encoded as it should be; ${WANTED}`;
  const isAnonymous = user === '' && pass === '';
  return {
    isSecure: url.protocol === 'https:',
    host: bareHost(url),
    port: portOf(url),
    // RFC 7617 §2
    authorization: isAnonymous ? null : `Basic ${Buffer.from(`${user}:${pass}`).toString('base64')}`,
    label: url.origin,
  };
}

type Exemption = { readonly matches: (host: string) => boolean; readonly port: number | null };

/**
 * Reads a list as other software does: a domain stands for its subdomains too, with or without a dot or `*.` before it.
 * What has no meaning is ignored, since other software may have one for it.
 */
function readExemptions(text: string): IsExempt {
  const exemptions = text.split(/[\s,]+/).flatMap((entry) => readExemption(entry) ?? []);
  return (url) => {
    const [host, port] = [bareHost(url), portOf(url)];
    return exemptions.some((one) => (one.port === null || one.port === port) && one.matches(host));
  };
}

const ENTRY = /^(?:[a-z]+:\/\/)?(?:\[(?<bracketed>[^\]]+)\]|(?<bare>[^[\]]+?))(?::(?<port>\d{1,5}))?\/?$/i;

function readExemption(entry: string): Exemption | null {
  // An IPv6 address without brackets ends in no port.
  const groups = isAddressOrNetwork(entry) ? { bare: entry } : ENTRY.exec(entry)?.groups;
  const name = groups?.['bracketed'] ?? groups?.['bare'];
  if (name === undefined) return null;
  const port = groups?.['port'];
  return { matches: matcherOf(name), port: port === undefined ? null : Number(port) };
}

function isAddressOrNetwork(text: string): boolean {
  return parseIpAddress(text.replace(/\/\d{1,3}$/, '')) !== null;
}

function matcherOf(name: string): Exemption['matches'] {
  if (name === '*') return () => true;
  const network = readNetwork(name);
  if (network !== null) {
    return (host) => {
      const address = parseIpAddress(host);
      return address !== null && isInNetwork(address, network);
    };
  }
  const suffix = name.replace(/^\*?\./, '').replace(/\.$/, '');
  // Such as `192.168.*`.
  if (suffix.endsWith('.*')) return (host) => host.startsWith(suffix.slice(0, -1));
  const domain = domainToASCII(suffix);
  return (host) => domain !== '' && (host === domain || host.endsWith(`.${domain}`));
}

function readNetwork(text: string): IpNetwork | null {
  const [, start = '', digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseIpAddress(start);
  if (address === null) return null;
  const longest = address.kind() === 'ipv4' ? 32 : 128;
  const prefix = digits === undefined ? longest : Number(digits);
  return prefix > longest ? null : [address, prefix];
}

const NAMES = Object.values(outboundSettings).map(({ name }) => name);

/**
 * The environment with the variables of proxies under their names in capitals. Most software reads those in small letters
 * first, so they win.
 */
export function withProxyVariables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const all = { ...environment };
  for (const name of NAMES) {
    const small = all[name.toLowerCase()] ?? '';
    delete all[name.toLowerCase()];
    if (small !== '') all[name] = small;
  }
  return all;
}

/** The variables of proxies that are set, by their names in capitals. */
export function proxyVariables(environment: NodeJS.ProcessEnv): ReadonlyMap<string, string> {
  const all = withProxyVariables(environment);
  return new Map(NAMES.flatMap((name) => (all[name] ? [[name, all[name]] as const] : [])));
}
