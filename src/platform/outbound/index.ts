export type { Resolve } from './inside.ts';
export { createOutboundFetch, type OutboundFetch, type OutboundOptions } from './outbound-fetch.ts';
export { type Proxies, type ProxyServer, proxyFor } from './proxies.ts';
export { type OutboundReason, OutboundRefused } from './refused.ts';
export { outboundSettings, proxyVariables, withProxyVariables } from './settings.ts';
