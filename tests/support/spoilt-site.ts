import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { ServerTls } from '../../scripts/provide/private-server.ts';
import { type Authority, makeAuthority } from './certificates.ts';
import { freePort } from './free-port.ts';
import { startSystem, type TestOptions, type TestSystem } from './system.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** An answer as the front is about to send it; a header may stand in it twice. */
export type Served = {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
};

/** What is wrong with a deployment; nothing where nothing is said. */
export type Spoiling = {
  readonly scheme?: 'http' | 'https';
  readonly settings?: TestOptions;
  /** What the front does to each answer. */
  readonly spoil?: (served: Served, incoming: IncomingMessage) => Served;
  readonly takesAnyHost?: boolean;
  readonly tls?: SecureContextOptions;
  readonly certificateDays?: number;
  /** Whom the certificate is for. */
  readonly certificateName?: string;
};

/** A whole system behind a front of the test's own, which passes GET requests on. */
export type SpoiltSite = AsyncDisposable & {
  readonly system: TestSystem;
  readonly origin: string;
  /** The certificate of the authority that vouches for it, as a file and in PEM. */
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

// One authority for all sites of a process, and each certificate made once: OpenSSL takes longer than a whole test.
function identityFor({ certificateName = 'localhost', certificateDays = 60 }: Spoiling) {
  maker ??= makeAuthority(folderOfThisProcess(), 'authority');
  const key = `${certificateName} ${certificateDays}`;
  const identity = identities.get(key) ?? maker.vouchFor(certificateName, certificateDays);
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

/** An answer with a header changed: replaced, left out where the value is null, or there once more. */
export function withHeader(
  { headers, ...served }: Served,
  name: string,
  ...values: readonly string[]
): Served {
  const others = headers.filter(([other]) => other !== name);
  return { ...served, headers: [...others, ...values.map((value) => [name, value] as const)] };
}

/** An answer whose header has other words in it. */
export function withWords(served: Served, name: string, from: string | RegExp, to: string): Served {
  const headers = served.headers.map(([other, value]) =>
    other === name ? ([other, value.replace(from, to)] as const) : ([other, value] as const),
  );
  return { ...served, headers };
}
