/** A host of a database URL. */
export type Endpoint = { readonly host: string; readonly port: number };

/** The parts of `//user:password@host:port,host:port/database?name=value`, decoded. */
export type ConnectionString = {
  readonly user: string;
  readonly password: string;
  readonly endpoints: readonly Endpoint[];
  readonly database: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
};

export type ConnectionStringReading =
  | { readonly ok: true; readonly parts: ConnectionString }
  | { readonly ok: false; readonly problem: string };

const FORM = 'give //user:password@host/database';
const ENCODE = 'percent-encode the special characters of its user and password (%40 for @, %2F for /)';

/**
 * Splits what follows the scheme of a database URL as RFC 3986 does. Where that gives no URL, because platforms hand out
 * passwords with `/`, `?` or `#` in them, the at sign is found after which the rest is one. No problem quotes the text.
 */
export function splitConnectionString(text: string, defaultPort: number): ConnectionStringReading {
  if (!text.startsWith('//')) return { ok: false, problem: `is not a URL; ${FORM}` };
  const rest = text.slice(2);
  const standard = split(rest, rest.slice(0, endOfAuthority(rest)).lastIndexOf('@'), defaultPort);
  if (standard.ok) return standard;
  const signs = [...rest.matchAll(/@/g)].map(({ index }) => index);
  const fitting = signs.flatMap((sign) => {
    const reading = split(rest, sign, defaultPort);
    return reading.ok && reading.parts.database !== '' ? [reading] : [];
  });
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) return only;
  // A part of the password would be taken for a host, and named in messages.
  return signs.length > 0 && only !== undefined
    ? { ok: false, problem: `can be read in two ways; ${ENCODE}` }
    : standard;
}

function endOfAuthority(text: string): number {
  const end = text.search(/[/?#]/);
  return end === -1 ? text.length : end;
}

/** @param sign where the user information ends; -1 without any */
function split(text: string, sign: number, defaultPort: number): ConnectionStringReading {
  const login = sign === -1 ? '' : text.slice(0, sign);
  const place = /^([^/?#@]*)(?:\/([^/?#@]*))?(?:\?([^#]*))?$/.exec(text.slice(sign + 1));
  if (place === null) return { ok: false, problem: `is not a URL; ${FORM}, and ${ENCODE}` };
  const [, hosts = '', database = '', query = ''] = place;
  const endpoints = hosts === '' ? [] : hosts.split(',').map((host) => endpointOf(host, defaultPort));
  if (endpoints.includes(null))
    return { ok: false, problem: `has no host that is one; ${FORM}, and ${ENCODE}` };
  const colon = login.indexOf(':');
  const pairs = query.split('&').filter((pair) => pair !== '');
  const parameters = pairs.map((pair) => parameterOf(pair));
  if (!parameters.every(([name]) => /^[A-Za-z][\w.-]{0,60}$/.test(name)))
    return { ok: false, problem: `has a parameter without a name; ${FORM}?name=value, and ${ENCODE}` };
  return {
    ok: true,
    parts: {
      user: decoded(colon === -1 ? login : login.slice(0, colon)),
      password: colon === -1 ? '' : decoded(login.slice(colon + 1)),
      endpoints: endpoints.flatMap((endpoint) => endpoint ?? []),
      database: decoded(database),
      parameters,
    },
  };
}

function parameterOf(pair: string): readonly [name: string, value: string] {
  const equals = pair.indexOf('=');
  const [name, value] = equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
  return [decoded(name), decoded(value)];
}

/** A host and port; null for another text. A path in percent-encoding is the folder of a socket, as libpq has it. */
export function endpointOf(text: string, defaultPort: number): Endpoint | null {
  const [, bracketed, bare = '', digits] =
    /^(?:\[([\da-f:.]+(?:%25?\w+)?)\]|((?:[\w.-]|%[\da-f]{2})+))(?::(\d{0,5}))?$/i.exec(text.trim()) ?? [];
  const host = bracketed ?? decoded(bare);
  const port = digits === undefined || digits === '' ? defaultPort : Number(digits);
  const isHost = bracketed !== undefined || /^(?:\/[\w/.:-]*|[\w.-]+)$/.test(host);
  return isHost && port >= 1 && port <= 65_535 ? { host, port } : null;
}

/** Decodes what is percent-encoded, and leaves a percent sign that encodes nothing: passwords hold such. */
function decoded(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}
