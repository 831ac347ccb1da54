import { isLoopbackHost } from '../web/index.ts';

/** A proxy for outgoing requests. */
export type ProxyServer = {
  /** Whether the connection to the proxy itself is encrypted. */
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
  /** The value of `Proxy-Authorization`; null without a user. It is a secret. */
  readonly authorization: string | null;
  /** Its address without the user, to be shown. */
  readonly label: string;
};

/** Which proxies outgoing requests use. */
export type Proxies = {
  readonly httpsProxy?: ProxyServer | undefined;
  readonly httpProxy?: ProxyServer | undefined;
  readonly noProxy: IsExempt;
};

/** Whether an address is requested without a proxy. */
export type IsExempt = (url: URL) => boolean;

/** The proxy for an address; null for a direct connection. This machine is never reached through one. */
export function proxyFor({ httpsProxy, httpProxy, noProxy }: Proxies, url: URL): ProxyServer | null {
  if (isLoopbackHost(url.hostname) || noProxy(url)) return null;
  return (url.protocol === 'https:' ? httpsProxy : httpProxy) ?? null;
}

/** The port of an address, which `URL` leaves out where it is the scheme's own. */
export function portOf({ protocol, port }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

/** The host of an address as names and addresses are compared: without brackets and without the final dot. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}
