import { isIP } from 'node:net';
import { type Endpoint, endpointOf, splitConnectionString } from './connection-string.ts';
import { type Given, readParameters, type TlsMode } from './url-parameters.ts';

/** How the connection to a database server is protected. */
export type Tls =
  | { readonly mode: 'off' }
  | {
      /**
       * `encrypted` accepts any certificate, `authority` one of a trusted authority, `identity` one of this host in
       * addition.
       */
      readonly mode: 'encrypted' | 'authority' | 'identity';
      /** Files with the certificate of the authority, the client's certificate and its key. */
      readonly authorityFile: string | undefined;
      readonly certificateFile: string | undefined;
      readonly keyFile: string | undefined;
      /** The oldest version of TLS; 1.2 by default. */
      readonly minVersion?: 'TLSv1.3';
      /** PostgreSQL: whether the login must be bound to this very connection, or is where the server can. */
      readonly channelBinding?: 'require' | 'prefer';
      /** PostgreSQL: whether the first byte is of TLS, without a question before. */
      readonly startsWithTls?: true;
    };

/** The address of a database server, and the login there. */
export type ServerAddress = {
  readonly host: string;
  readonly port: number;
  /** A local socket instead of host and port. */
  readonly socketPath: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string;
  readonly tls: Tls;
  /** Hosts to use instead if the first does not answer or takes no writes. */
  readonly fallbacks: readonly Endpoint[];
  /** PostgreSQL: whether a pooler may run each transaction on another connection, so that nothing of one is kept. */
  readonly isPooled: boolean;
  /** PostgreSQL: what each connection sends to the server at its start, such as `--cluster=…` or `endpoint=…`. */
  readonly serverOptions: string | undefined;
  readonly applicationName: string | undefined;
};

/** The address for messages, without the login. */
export function describeServer({ host, port, socketPath, fallbacks }: ServerAddress): string {
  return socketPath ?? [{ host, port }, ...fallbacks].map(describeEndpoint).join(',');
}

function describeEndpoint({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function explainNoAnswer(address: ServerAddress): string {
  return `nothing answers at ${describeServer(address)}; is the server running, and is this its address?`;
}

export type ServerReading =
  | { readonly ok: true; readonly address: ServerAddress }
  | { readonly ok: false; readonly problem: string };

const DEFAULT_PORTS = { postgresql: 5432, mysql: 3306 } as const;

/** Reads `//user:password@host:port/database?parameters`. An unknown parameter is an error. */
export function readServerAddress(rest: string, engine: 'postgresql' | 'mysql'): ServerReading {
  const split = splitConnectionString(rest, DEFAULT_PORTS[engine]);
  if (!split.ok) return split;
  const { parts } = split;
  const parameters = readParameters(engine, parts.parameters);
  if (!parameters.ok) return parameters;
  const { given } = parameters;
  const database = parts.database === '' ? (given.database ?? '') : parts.database;
  if (database === '' || database.includes('/'))
    return problem('names no database; put its name behind the host, such as //host/latchkey');
  const endpoints = given.hosts === undefined ? parts.endpoints : endpointsOf(given, DEFAULT_PORTS[engine]);
  if (endpoints === null)
    return problem('has the parameter host, which is no list of hosts; give names or addresses');
  const [first, ...fallbacks] = endpoints;
  const socketPath = given.socketPath ?? (first?.host.startsWith('/') ? first.host : undefined);
  if (first === undefined && socketPath === undefined) return problem('names no host');
  const tls = tlsOf(given, engine);
  if (typeof tls === 'string') return problem(tls);
  if (engine === 'mysql' && tls.mode === 'identity' && endpoints.some(({ host }) => isIP(host) !== 0))
    // For an IP address the driver would accept a certificate of “localhost”.
    return problem('asks for the certificate of a host by its number; give its name, or ssl-mode=VERIFY_CA');
  return {
    ok: true,
    address: {
      host: first?.host ?? '',
      port: first?.port ?? DEFAULT_PORTS[engine],
      socketPath,
      user: textOf(parts.user) ?? given.user,
      password: textOf(parts.password) ?? given.password,
      database,
      tls,
      fallbacks: socketPath === undefined ? fallbacks : [],
      isPooled: given.isPooled === true,
      serverOptions: given.serverOptions,
      applicationName: given.applicationName,
    },
  };
}

function textOf(text: string): string | undefined {
  return text === '' ? undefined : text;
}

/** The hosts of `host=one,two&port=5432,5433`; null if one of them is none. */
function endpointsOf({ hosts = '', ports = '' }: Given, defaultPort: number): readonly Endpoint[] | null {
  const given = ports.split(',').map((port) => (port.trim() === '' ? defaultPort : Number(port)));
  const endpoints = hosts.split(',').map((host, index) => {
    const isBare = isIP(host.trim()) === 6;
    const port = given[index] ?? given.at(-1) ?? defaultPort;
    return endpointOf(isBare ? `[${host.trim()}]` : host, port);
  });
  return endpoints.every((endpoint) => endpoint !== null) ? endpoints : null;
}

/** How the connection is protected, or what is wrong with what is asked for. */
function tlsOf(given: Given, engine: 'postgresql' | 'mysql'): Tls | string {
  const { isOn, isOff, isStrict, isSystem, authorityFile, certificateFile, keyFile } = given;
  const words = engine === 'postgresql' ? WORDS_OF_POSTGRESQL : WORDS_OF_MYSQL;
  const { off, identity, authority } = words;
  const asksForTls =
    isOn === true || isStrict === true || isSystem === true || given.channelBinding === 'require';
  if (isOff === true && (asksForTls || (given.mode !== undefined && given.mode !== 'off')))
    return `asks for TLS and against it; give ${identity} or ${off} alone`;
  if (given.mode === 'off' && asksForTls)
    return `asks for TLS and against it with ${off}; give ${identity} instead`;
  const mode = modeOf(given);
  if (isSystem === true && mode !== 'identity')
    return `has sslrootcert=system, which goes with ${identity} alone; give that`;
  if (mode === 'off')
    return given.channelBinding === 'require'
      ? `has channel_binding=require without TLS; give ${identity}`
      : { mode };
  if (engine === 'mysql' && (certificateFile === undefined) !== (keyFile === undefined))
    return 'has one of ssl_cert and ssl_key, which are those of this client and go together; ssl_ca names the authority of the server';
  if (isSystem === true && authorityFile !== undefined)
    return `names two authorities; give one ${authority}=FILE`;
  return {
    mode,
    authorityFile,
    certificateFile,
    keyFile,
    ...(given.minTlsVersion !== undefined && { minVersion: given.minTlsVersion }),
    ...(given.channelBinding !== undefined && { channelBinding: given.channelBinding }),
    ...(given.startsWithTls === true && { startsWithTls: true }),
  };
}

function modeOf({ mode, isOn, isOff, isStrict, isSystem, authorityFile }: Given): TlsMode {
  if (isOff === true) return 'off';
  const isVerified = isOn === true || isStrict === true || isSystem === true || authorityFile !== undefined;
  const asked = mode ?? (isVerified ? 'identity' : 'off');
  if (asked === 'encrypted' && isStrict === true) return 'identity';
  // A named authority implies that its certificates are to be verified.
  if (asked === 'encrypted' && authorityFile !== undefined) return 'authority';
  return asked;
}

const WORDS_OF_POSTGRESQL = {
  off: 'sslmode=disable',
  identity: 'sslmode=verify-full',
  authority: 'sslrootcert',
} as const;
const WORDS_OF_MYSQL = {
  off: 'ssl-mode=DISABLED',
  identity: 'ssl-mode=VERIFY_IDENTITY',
  authority: 'ssl_ca',
} as const;

function problem(text: string): ServerReading {
  return { ok: false, problem: text };
}
