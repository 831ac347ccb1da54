import { resultOrNull } from '../runtime/index.ts';

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
};

/** The address for messages, without the login. */
export function describeServer({ host, port, socketPath }: ServerAddress): string {
  return socketPath ?? (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
}

export function explainNoAnswer(address: ServerAddress): string {
  return `nothing answers at ${describeServer(address)}; is the server running, and is this its address?`;
}

/** The query parameters of one engine's URLs and what their values mean. */
export type ServerDialect = {
  readonly defaultPort: number;
  /** The parameter for TLS, with its values. */
  readonly tlsParameter: string;
  readonly tlsModes: Readonly<Record<string, Tls['mode']>>;
  readonly fileParameters: { readonly authority: string; readonly certificate: string; readonly key: string };
  readonly socketParameter: string;
  /** Parameters for other clients, which are ignored. */
  readonly ignored: readonly string[];
};

export type ServerReading =
  | { readonly ok: true; readonly address: ServerAddress }
  | { readonly ok: false; readonly problem: string };

/** Reads `//user:password@host:port/database?parameters`. An unknown parameter is an error. */
export function readServerAddress(rest: string, dialect: ServerDialect): ServerReading {
  const url = URL.parse(`server:${rest}`);
  if (url === null || !rest.startsWith('//'))
    return problem('is not a URL; give //user:password@host/database');
  const encoded = [url.username, url.password, url.pathname.slice(1)];
  const parts = encoded.flatMap((part) => resultOrNull(() => decodeURIComponent(part)) ?? []);
  const [user = '', password = '', database = ''] = parts;
  if (parts.length < encoded.length) return problem('has a part that is not percent-encoded');
  if (database === '' || database.includes('/'))
    return problem('names no database; put its name behind the host, such as //host/latchkey');
  const parameters = readParameters(url.searchParams, dialect);
  if (typeof parameters === 'string') return problem(parameters);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (host === '' && parameters.socketPath === undefined) return problem('names no host');
  return {
    ok: true,
    address: {
      host,
      port: url.port === '' ? dialect.defaultPort : Number(url.port),
      user: user === '' ? undefined : user,
      password: password === '' ? undefined : password,
      database,
      ...parameters,
    },
  };
}

function problem(text: string): ServerReading {
  return { ok: false, problem: text };
}

/** The parameters, or the problem with them. */
function readParameters(
  given: URLSearchParams,
  dialect: ServerDialect,
): Pick<ServerAddress, 'tls' | 'socketPath'> | string {
  const { tlsParameter, tlsModes, fileParameters, socketParameter, ignored } = dialect;
  const known = [tlsParameter, socketParameter, ...Object.values(fileParameters), ...ignored];
  const unknown = [...given.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) return `has a parameter that means nothing here: ${unknown}`;
  const text = (name: string) => given.get(name) ?? undefined;
  const authorityFile = text(fileParameters.authority);
  const word = text(tlsParameter);
  const asked = word === undefined ? (authorityFile === undefined ? 'off' : 'identity') : tlsModes[word];
  if (asked === undefined)
    return `has an unknown ${tlsParameter}; give one of ${Object.keys(tlsModes).join(', ')}`;
  // A named authority implies that its certificates are to be verified.
  const mode = asked === 'encrypted' && authorityFile !== undefined ? 'authority' : asked;
  const files = {
    authorityFile,
    certificateFile: text(fileParameters.certificate),
    keyFile: text(fileParameters.key),
  };
  return { tls: mode === 'off' ? { mode } : { mode, ...files }, socketPath: text(socketParameter) };
}
