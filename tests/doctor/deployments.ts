import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { ServerTls } from '../../scripts/provide/private-server.ts';
import { startSystem, type TestOptions, type TestSystem } from '../kit/system.ts';
import { freePort, temporaryFolder } from '../kit/temporary.ts';
import { type Authority, createAuthority } from '../kit/wire.ts';

/** A response as the front is about to send it; a header may occur twice. */
export type Served = {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
};

/** The faults of a deployment; none by default. */
export type Spoiling = {
  readonly scheme?: 'http' | 'https';
  readonly settings?: TestOptions;
  /** Changes each response. */
  readonly spoil?: (served: Served, incoming: IncomingMessage) => Served;
  readonly takesAnyHost?: boolean;
  readonly tls?: SecureContextOptions;
  readonly certificateDays?: number;
  /** The host name of the certificate. */
  readonly certificateName?: string;
};

/** A complete system behind a front of the test, which forwards GET requests. */
export type SpoiltSite = AsyncDisposable & {
  readonly system: TestSystem;
  readonly origin: string;
  /** The certificate of the authority that issued it, as a file and in PEM. */
  readonly authority: { readonly file: string; readonly certificate: string };
};

const MODERN: SecureContextOptions = {
  minVersion: 'TLSv1.2',
  ciphers: 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:ECDHE+AESGCM:ECDHE+CHACHA20',
};

export async function startSpoiltSite(spoiling: Spoiling = {}): Promise<SpoiltSite> {
  const { scheme = 'https', settings = {}, tls = {} } = spoiling;
  await using stack = new AsyncDisposableStack();
  const { maker: authorityMaker, identity } = identityFor(spoiling);
  const port = await freePort();
  const origin = `${scheme}://localhost:${port}`;
  const system = stack.use(await startSystem({ baseUrl: origin, ...settings }));
  const front = passingOn(system, spoiling);
  const { certificate: cert, key, authority: certificate } = identity;
  const server =
    scheme === 'http' ? createServer(front) : createSecureServer({ cert, key, ...MODERN, ...tls }, front);
  stack.defer(() => close(server));
  await once(server.listen(port, 'localhost'), 'listening');
  const kept = stack.move();
  const authority = { file: authorityMaker.file, certificate };
  return { system, origin, authority, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

const identities = new Map<string, ServerTls>();
let maker: Authority | undefined;

// One authority for all sites of a process, and each certificate is issued once: OpenSSL takes longer than a test.
function identityFor({ certificateName = 'localhost', certificateDays = 60 }: Spoiling) {
  maker ??= createAuthority(folderOfThisProcess(), 'authority');
  const key = `${certificateName} ${certificateDays}`;
  const identity = identities.get(key) ?? maker.issueCertificate(certificateName, certificateDays);
  identities.set(key, identity);
  return { maker, identity };
}

function folderOfThisProcess(): string {
  const folder = temporaryFolder();
  process.once('exit', () => folder[Symbol.dispose]());
  return folder.path;
}

function passingOn(
  system: TestSystem,
  { spoil = (served) => served, takesAnyHost }: Spoiling,
): RequestListener {
  const { origin } = system;
  return async (incoming, outgoing) => {
    const isOwn = incoming.headers.host === new URL(origin).host;
    const headers = new Headers({ accept: incoming.headers.accept ?? '' });
    const response = await system.fetch(new Request(new URL(incoming.url ?? '/', origin), { headers }));
    const passed: Served = {
      status: response.status,
      headers: [...response.headers],
      body: await response.text(),
    };
    const served = spoil(isOwn || takesAnyHost ? passed : { status: 421, headers: [], body: '' }, incoming);
    outgoing.writeHead(served.status, served.headers.flat()).end(served.body);
  };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** A response with a changed header: replaced, removed if the value is null, or repeated. */
export function withHeader(
  { headers, ...served }: Served,
  name: string,
  ...values: readonly string[]
): Served {
  const others = headers.filter(([other]) => other !== name);
  return { ...served, headers: [...others, ...values.map((value) => [name, value] as const)] };
}

/** A response with another text in a header. */
export function withWords(served: Served, name: string, from: string | RegExp, to: string): Served {
  const headers = served.headers.map(([other, value]) =>
    other === name ? ([other, value.replace(from, to)] as const) : ([other, value] as const),
  );
  return { ...served, headers };
}

/** A fault, and what the doctor reports about it. */
export type Case = {
  readonly name: string;
  readonly site: Spoiling;
  readonly check: string;
  readonly verdict: 'warning' | 'fault';
  readonly what: RegExp;
};

const everywhere = (spoil: (served: Served) => Served): Spoiling => ({ spoil });

const POLICY = 'content-security-policy';
const HSTS = 'strict-transport-security';

const ofHeaders: readonly Case[] = [
  {
    name: 'drops a header',
    site: everywhere((served) => withHeader(served, 'x-content-type-options')),
    check: 'headers',
    verdict: 'fault',
    what: /^\/(?:login|no-page-is-here): x-content-type-options is missing$/,
  },
  {
    name: 'sends a header twice',
    site: everywhere((served) => withHeader(served, 'x-frame-options', 'DENY', 'SAMEORIGIN')),
    check: 'headers',
    verdict: 'fault',
    what: /x-frame-options is there more than once$/,
  },
  {
    name: 'changes the value of a header on error pages only',
    site: everywhere((served) =>
      served.status === 404 ? withHeader(served, 'referrer-policy', 'unsafe-url\u00a0') : served,
    ),
    check: 'headers',
    verdict: 'fault',
    what: /^\/no-page-is-here: referrer-policy is “unsafe-url\??”$/,
  },
  {
    name: 'allows pages to be cached',
    site: everywhere((served) => withHeader(served, 'cache-control', 'public, max-age=60')),
    check: 'headers',
    verdict: 'fault',
    what: /cache-control is “public, max-age=60”$/,
  },
  {
    name: 'has no Content-Security-Policy',
    site: everywhere((served) => withHeader(served, POLICY)),
    check: 'content policy',
    verdict: 'fault',
    what: /^no Content-Security-Policy$/,
  },
  {
    name: 'allows inline scripts',
    site: everywhere((served) =>
      withWords(served, POLICY, "script-src 'self'", "script-src 'self' 'unsafe-inline'"),
    ),
    check: 'content policy',
    verdict: 'fault',
    what: /^script-src is missing or allows too much$/,
  },
  {
    name: 'allows itself to be framed, and forms to be sent anywhere',
    site: everywhere((served) =>
      withHeader(served, POLICY, "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'"),
    ),
    check: 'content policy',
    verdict: 'fault',
    what: /^form-action, frame-ancestors is missing/,
  },
  {
    name: 'sends no HSTS',
    site: everywhere((served) => withHeader(served, HSTS)),
    check: 'strict transport',
    verdict: 'fault',
    what: /^no Strict-Transport-Security header$/,
  },
  {
    name: 'sends HSTS for only half a year',
    site: everywhere((served) => withHeader(served, HSTS, 'max-age=15768000; includeSubDomains')),
    check: 'strict transport',
    verdict: 'fault',
    what: /^lasts less than a year: “max-age=15768000; includeSubDomains”$/,
  },
  {
    name: 'sends HSTS twice',
    site: everywhere((served) =>
      withHeader(served, HSTS, 'max-age=0', 'max-age=63072000; includeSubDomains'),
    ),
    check: 'strict transport',
    verdict: 'fault',
    what: /is there twice$/,
  },
  {
    name: 'sends HSTS without subdomains',
    site: everywhere((served) => withHeader(served, HSTS, 'max-age=63072000')),
    check: 'strict transport',
    verdict: 'warning',
    what: /^leaves subdomains out$/,
  },
  {
    name: 'reveals which software it runs',
    site: everywhere((served) =>
      withHeader(withHeader(served, 'server', 'nginx/1.18.0'), 'x-powered-by', 'Magic'),
    ),
    check: 'software names',
    verdict: 'warning',
    what: /^server: “nginx\/1\.18\.0”, x-powered-by: “Magic”$/,
  },
];

const COOKIES: readonly (readonly [how: string, from: RegExp, to: string, what: RegExp])[] = [
  ['without Secure', /; Secure/, '', /it is not Secure/],
  ['without HttpOnly', /; HttpOnly/, '', /it is not HttpOnly/],
  ['without SameSite', /; SameSite=Lax/, '', /it has no SameSite/],
  ['with SameSite=None', /SameSite=Lax/, 'SameSite=None', /it has no SameSite/],
  ['for one path only', /Path=\//, 'Path=/login', /its Path is not \//],
  ['for sibling domains', /; Path/, '; Domain=localhost; Path', /it has a Domain/],
  ['without the __Host- prefix', /^__Host-/, '', /its name does not begin with __Host-/],
];

const ofCookies: readonly Case[] = [
  ...COOKIES.map(([how, from, to, what]) => ({
    name: `sets cookies ${how}`,
    site: everywhere((served) => withWords(served, 'set-cookie', from, to)),
    check: 'cookies',
    verdict: 'fault' as const,
    what,
  })),
  {
    name: 'drops its cookies',
    site: everywhere((served) => withHeader(served, 'set-cookie')),
    check: 'cookies',
    verdict: 'fault',
    what: /^GET \/login sets none$/,
  },
];

/** A front that trusts a header of any client. */
const believing = (header: string, spoil: (served: Served, value: string) => Served): Case => ({
  name: `trusts ${header} from a client`,
  site: {
    spoil: (served, incoming) => {
      const value = incoming.headers[header.toLowerCase()];
      return typeof value === 'string' ? spoil(served, value) : served;
    },
  },
  check: 'forwarded headers',
  verdict: 'fault',
  what: new RegExp(`^believed from a stranger: ${header}$`),
});

const ofHosts: readonly Case[] = [
  believing('X-Forwarded-Host', (served, host) => withWords(served, 'location', /^/, `https://${host}`)),
  believing('X-Forwarded-Proto', (served, scheme) => (scheme === 'http' ? withHeader(served, HSTS) : served)),
  believing('X-Forwarded-Port', (served, port) =>
    withWords(served, 'location', /^/, `https://localhost:${port}`),
  ),
  believing('X-Forwarded-For', (served, address) => ({
    ...served,
    body: `${served.body}<!-- ${address} -->`,
  })),
  believing('X-Original-URL', (served) => ({ ...served, status: 404 })),
  believing('Forwarded', (served) => withWords(served, 'set-cookie', /; Secure/, '')),
  {
    name: 'accepts any host name as its own',
    site: { takesAnyHost: true },
    check: 'foreign host',
    verdict: 'fault',
    what: /^is answered with 200, as if it were this one$/,
  },
  {
    name: 'redirects requests for other hosts',
    site: everywhere((served) =>
      served.status === 421
        ? { status: 308, headers: [['location', 'https://localhost/']], body: '' }
        : served,
    ),
    check: 'foreign host',
    verdict: 'fault',
    what: /^is answered with 308/,
  },
];

const ofTls: readonly Case[] = [
  {
    name: 'speaks TLS 1.0 and 1.1',
    site: { tls: { minVersion: 'TLSv1', ciphers: 'ECDHE+AESGCM:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0' } },
    check: 'encryption',
    verdict: 'fault',
    what: /^TLSv1 and TLSv1\.1 is spoken$/,
  },
  {
    name: 'accepts ciphers without authenticated encryption',
    site: { tls: { ciphers: 'TLS_AES_128_GCM_SHA256:ECDHE+AESGCM:ECDHE-ECDSA-AES256-SHA' } },
    check: 'encryption',
    verdict: 'warning',
    what: /^takes the cipher ECDHE-ECDSA-AES256-SHA$/,
  },
  {
    name: 'has a certificate that expires soon',
    site: { certificateDays: 13 },
    check: 'certificate',
    verdict: 'warning',
    what: /^expires on \d{4}-\d\d-\d\d, in 1[23] days$/,
  },
  {
    name: 'has an expired certificate',
    site: { certificateDays: -1 },
    check: 'certificate',
    verdict: 'fault',
    what: /^expired on \d{4}-\d\d-\d\d$/,
  },
  {
    name: 'has a certificate for another host',
    site: { certificateName: 'login.example.org' },
    check: 'certificate',
    verdict: 'fault',
    what: /^is not for localhost$/,
  },
];

/** Deployments with one fault each. */
export const FAULTY_DEPLOYMENTS: readonly Case[] = [...ofHeaders, ...ofCookies, ...ofHosts, ...ofTls];
