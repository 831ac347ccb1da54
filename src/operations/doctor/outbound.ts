/** What to do about a request that got no response, by its code. The first that matches counts. */
const ADVICE: readonly (readonly [code: RegExp, advice: string])[] = [
  [
    /^proxy-unreachable$/,
    'see that the proxy runs, that HTTPS_PROXY names its host and port, and with https: that its certificate is valid',
  ],
  [
    /^proxy-authentication-required$/,
    'see that HTTPS_PROXY has the right user and password, percent-encoded',
  ],
  [
    /^proxy-refused$/,
    'let the proxy permit CONNECT to this host and port, or name the host in NO_PROXY where it is reached directly',
  ],
  [
    /^proxy-failed$/,
    'see that the proxy can resolve and reach this host, or name the host in NO_PROXY where it is reached directly',
  ],
  [
    /^address-not-public$/,
    'it has an address of a private network; if that is right, set OIDC_<NAME>_NETWORK=inside for this provider',
  ],
  [/^answer-too-large$/, 'see that the address is that of the service, and not of a page'],
  [
    /SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED/,
    'its certificate is of an authority that Node.js does not know, as that of a proxy which opens TLS: give its file as NODE_EXTRA_CA_CERTS, or set NODE_OPTIONS=--use-system-ca',
  ],
  [/ALTNAME/, 'its certificate is for other names: see that the address has one of those'],
  [/^CERT_/, 'its certificate is not valid now: see that the clock of this machine is right'],
  [/^(?:EPROTO|ERR_SSL_|HPE_)/, 'something else answers there: see that scheme and port are right'],
  [
    /^(?:ENOTFOUND|EAI_AGAIN|EAI_\w+)$/,
    'see that the name is right and that this machine resolves it; where a proxy is the only way out, set HTTPS_PROXY',
  ],
];

const OTHER =
  'see that the network lets this machine out to it; where a proxy is the only way out, set HTTPS_PROXY';

export function adviseOnOutbound(code: string | null): string {
  return ADVICE.find(([pattern]) => pattern.test(code ?? ''))?.[1] ?? OTHER;
}

/** The way to a service. @param proxy its label; null without one */
export function route(proxy: string | null): string {
  return proxy === null ? 'directly' : `through the proxy ${proxy}`;
}
