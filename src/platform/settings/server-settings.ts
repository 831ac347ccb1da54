import { z } from 'zod';
import { ofServiceLink } from './foreign-values.ts';
import { givenAs } from './option-kind.ts';
import { optionalSetting, setting } from './setting.ts';
import { trustedProxies } from './trusted-proxies.ts';
import { expandPath, line, oneOf, refuse, wholeNumber } from './values.ts';

const hostNames: z.ZodType<readonly string[], string> = givenAs(
  { list: 'commas' },
  z.string().transform((text, context) => {
    const names = text
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== '');
    if (names.length > 0 && names.every((name) => /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(name))) return names;
    return refuse(
      context,
      'is no list of names; give names without a port, such as latchkey.internal, separated by commas',
    );
  }),
);

export const serverSettings = {
  trustedProxies: optionalSetting({
    name: 'TRUSTED_PROXIES',
    meaning:
      'Networks and addresses of proxies whose `X-Forwarded-For` or `Forwarded` is trusted, separated by commas; `loopback` and `private` stand for those networks. A value that covers the whole internet is refused.',
    fallbackMeaning: 'none: these headers are ignored',
    schema: trustedProxies,
  }),
  forwardedHeader: optionalSetting({
    name: 'FORWARDED_HEADER',
    meaning:
      'The header that your proxies write: `x-forwarded-for` or `forwarded`. The other one is ignored, so that a client cannot hide its address by sending it.',
    fallbackMeaning: 'either; if both are present and disagree, the proxy’s own address counts',
    schema: oneOf(['x-forwarded-for', 'forwarded']),
  }),
  tlsCert: optionalSetting({
    name: 'TLS_CERT',
    neverEmptyInProduction: true,
    meaning:
      'File with the certificate and its chain (PEM), to serve `https:` on `PORT` without a proxy, over HTTP/1.1 and HTTP/2. It is read again when it changes.',
    fallbackMeaning: 'none: plain HTTP, for a proxy that terminates TLS',
    schema: pathOf('certificate'),
  }),
  tlsKey: optionalSetting({
    name: 'TLS_KEY',
    neverEmptyInProduction: true,
    meaning: 'File with the private key of `TLS_CERT` (PEM).',
    fallbackMeaning: 'none',
    // Who gives the key itself instead of its file must not find it in a log.
    secret: true,
    masked: (text) => (text.includes('-----') ? '********' : text),
    schema: pathOf('key'),
  }),
  tlsRedirectPort: optionalSetting({
    name: 'TLS_REDIRECT_PORT',
    foreign: ofServiceLink,
    meaning: 'Plain HTTP port that redirects every request (308) to `BASE_URL`; only with `TLS_CERT`.',
    fallbackMeaning: 'none',
    schema: wholeNumber(1, 65535),
  }),
  maxConnections: setting({
    name: 'MAX_CONNECTIONS',
    meaning: 'Maximum number of connections per process; beyond it, the longest idle connection is closed.',
    fallback: '20000',
    schema: wholeNumber(10, 1_000_000),
  }),
  metricsPort: optionalSetting({
    name: 'METRICS_PORT',
    foreign: ofServiceLink,
    meaning: 'Port on which Prometheus finds metrics at `/metrics`; `PORT` never serves them.',
    fallbackMeaning: 'none: nothing is counted',
    schema: wholeNumber(1, 65535),
  }),
  metricsHost: setting({
    name: 'METRICS_HOST',
    meaning:
      'Address on which `METRICS_PORT` listens. Every client that reaches it can read the metrics; in a container use `0.0.0.0` behind a network policy.',
    fallback: '127.0.0.1',
    schema: line(255),
  }),
  metricsAllowedHosts: optionalSetting({
    name: 'METRICS_ALLOWED_HOSTS',
    meaning:
      'Further host names that the metrics port answers, such as the name of a service, separated by commas.',
    fallbackMeaning: 'none',
    schema: hostNames,
  }),
};

function pathOf(what: 'certificate' | 'key'): z.ZodType<string, string> {
  return z
    .string()
    .transform((text) => text.trim())
    .refine((text) => text.length > 0 && text.length <= 4_096 && !/[\0\r\n]|-----BEGIN/.test(text), {
      message: `is not the path of a file; give the path of the ${what}, not what is in it`,
    })
    .transform(expandPath);
}
