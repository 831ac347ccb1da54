import { isPrivateAddress, parseIpAddress } from './ip-address.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** Whether a request's URL names this site, which is what its `Host` or `:authority` said. */
export type OwnHost = (url: string) => boolean;

/**
 * Knows the one host of the public origin (A28). The scheme does not matter, as a proxy may have ended TLS. A site
 * on a loopback host is in development: it answers to every loopback name and port, as requests come by 127.0.0.1 and
 * by forwarded ports; no other host can be reached under those names, so a page elsewhere gains nothing (no rebinding).
 * @param allowedHosts further hosts that proxies name, such as the one behind a rewrite rule; links never contain them
 */
export function createOwnHost(baseUrl: URL, allowedHosts: readonly string[] = []): OwnHost {
  const { host, hostname, protocol } = baseUrl;
  const isLoopback = isLoopbackHost(hostname);
  // Whole texts to compare: this is asked for every request.
  const [plain, secure] = [`http://${host}/`, `https://${host}/`];
  const hosts = [host, `${hostname}:${baseUrl.port || DEFAULT_PORTS[protocol]}`];
  return (url) => {
    if (url.startsWith(plain) || url.startsWith(secure)) return true;
    const parsed = URL.parse(url);
    if (parsed === null || parsed.username !== '' || parsed.password !== '') return false;
    if (allowedHosts.includes(parsed.host)) return true;
    if (isLoopback) return parsed.hostname === hostname || LOOPBACK.includes(parsed.hostname);
    return hosts.includes(parsed.host);
  };
}

/** Whether a host, as `URL` writes it, is of this machine alone (RFC 6761 §6.3, RFC 1122 §3.2.1.3). */
export function isLoopbackHost(hostname: string): boolean {
  const isLoopbackName = hostname === 'localhost' || hostname.endsWith('.localhost');
  return isLoopbackName || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/**
 * What kind of host a request names instead of ours: the address of all interfaces, which a runtime writes into the URL from
 * the address that it listens on; a name or an address of a private network, such as that of a container; ours with another
 * port; or any other.
 */
export type HostKind = 'listening-address' | 'internal-name' | 'other-port' | 'other-name';

/** @param seen as `URL` writes it, with its port */
export function classifyHost(seen: string, expected: URL): HostKind {
  const hostname = URL.parse(`http://${seen}`)?.hostname ?? '';
  const address = parseIpAddress(hostname.replace(/^\[|\]$/g, ''));
  if (address?.range() === 'unspecified') return 'listening-address';
  if (hostname === expected.hostname) return 'other-port';
  const isInternal =
    address === null
      ? hostname !== '' && (!hostname.includes('.') || /\.(?:internal|local|lan|svc|test)$/.test(hostname))
      : isPrivateAddress(address) || address.range() === 'loopback' || address.range() === 'linkLocal';
  return isInternal || isLoopbackHost(hostname) ? 'internal-name' : 'other-name';
}
