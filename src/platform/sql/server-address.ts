import { z } from 'zod';

/** How the connection to a database server is protected. */
export type Tls =
  | { readonly mode: 'off' }
  | {
      /**
       * `encrypted` believes any certificate, `authority` asks for one of a trusted authority, `identity` for one of
       * this very host as well.
       */
      readonly mode: 'encrypted' | 'authority' | 'identity';
      /** Files with the authority’s certificate, and with our own and its key. */
      readonly authorityFile: string | undefined;
      readonly certificateFile: string | undefined;
      readonly keyFile: string | undefined;
    };

/** Where a database server is, and as whom to talk to it. */
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

/** Where a server is, for people. */
export function placeOf({ host, port, socketPath }: ServerAddress): string {
  return socketPath ?? (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
}

export function nothingAnswers(address: ServerAddress): string {
  return `nothing answers at ${placeOf(address)}; is the server running, and is this its address?`;
}

/** What one kind of server calls the parameters behind the question mark, and what its words mean. */
export type ServerDialect = {
  readonly defaultPort: number;
  /** The word for how to protect the connection, with its values. */
  readonly tlsParameter: string;
  readonly tlsModes: Readonly<Record<string, Tls['mode']>>;
  readonly fileParameters: { readonly authority: string; readonly certificate: string; readonly key: string };
  readonly socketParameter: string;
  /** Parameters of other programs that mean nothing here. */
  readonly ignored: readonly string[];
};

export type ServerReading =
  | { readonly valid: true; readonly address: ServerAddress }
  | { readonly valid: false; readonly problem: string };

const percentDecoded = z.string().transform((text, context) => {
  try {
    return decodeURIComponent(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not percent-encoded as it should be' });
    return z.NEVER;
  }
});

/** Reads `//user:password@host:port/database?parameters`. A parameter that nobody knows is a fault, not ignored. */
export function readServerAddress(rest: string, dialect: ServerDialect): ServerReading {
  const url = URL.parse(`server:${rest}`);
  if (url === null || !rest.startsWith('//'))
    return problem('is not a URL; give //user:password@host/database');
  const parts = [url.username, url.password, url.pathname.slice(1)].map((part) =>
    percentDecoded.safeParse(part),
  );
  const [user, password, database] = parts.map((part) => part.data);
  if (parts.some(({ success }) => !success)) return problem('has a part that is not percent-encoded');
  if (database === undefined || database === '' || database.includes('/'))
    return problem('names no database; put its name behind the host, such as //host/latchkey');
  const parameters = readParameters(url.searchParams, dialect);
  if (typeof parameters === 'string') return problem(parameters);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (host === '' && parameters.socketPath === undefined) return problem('names no host');
  return {
    valid: true,
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
  return { valid: false, problem: text };
}

/** The parameters, or what is wrong with them. */
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
  // Whoever names an authority wants to know who answers.
  const mode = asked === 'encrypted' && authorityFile !== undefined ? 'authority' : asked;
  const files = {
    authorityFile,
    certificateFile: text(fileParameters.certificate),
    keyFile: text(fileParameters.key),
  };
  return { tls: mode === 'off' ? { mode } : { mode, ...files }, socketPath: text(socketParameter) };
}
