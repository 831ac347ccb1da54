import { SECOND } from '../clock.ts';

/** The cookies that Latchkey sets. */
export type CookieName =
  | 'session'
  | 'pending'
  | 'visitor'
  | 'flash'
  | 'link'
  | 'device'
  | 'registration'
  | 'asked'
  | 'provider'
  | 'newcomer';

export type Cookies = {
  /** The value of a cookie; null when it is absent, or there twice with different values. */
  readonly read: (request: Request, cookie: CookieName) => string | null;
  /** A `Set-Cookie` value; without `maximumAgeSeconds` the cookie ends with the browser. */
  readonly set: (cookie: CookieName, value: string, maximumAgeSeconds?: number) => string;
  /** The `Set-Cookie` value of a session: it ends with the browser, unless the person asked to stay signed in. */
  readonly session: (session: SessionCookie, now: number) => string;
  /** A `Set-Cookie` value that removes the cookie. */
  readonly clear: (cookie: CookieName) => string;
};

export type SessionCookie = {
  readonly token: string;
  readonly isRemembered: boolean;
  /** Milliseconds of UTC. */
  readonly expiresAt: number;
};

const BASE_NAMES: Readonly<Record<CookieName, string>> = {
  session: 'latchkey',
  pending: 'latchkey-pending',
  visitor: 'latchkey-visitor',
  flash: 'latchkey-flash',
  device: 'latchkey-device',
  link: 'latchkey-link',
  registration: 'latchkey-registration',
  asked: 'latchkey-asked',
  provider: 'latchkey-provider',
  newcomer: 'latchkey-newcomer',
};

/**
 * On https the names carry `__Host-`, so that no sibling domain and no plain http page can plant them (A45).
 * @see RFC 6265bis §4.1.3.2; NIST SP 800-63B-4 §5.1.1
 */
export function createCookies(isSecure: boolean): Cookies {
  const prefix = isSecure ? '__Host-' : '';
  const attributes = `; Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  const set = (cookie: CookieName, value: string, maximumAgeSeconds?: number) => {
    const age = maximumAgeSeconds === undefined ? '' : `; Max-Age=${maximumAgeSeconds}`;
    return `${prefix}${BASE_NAMES[cookie]}=${value}${age}${attributes}`;
  };
  return {
    read: (request, cookie) => readCookie(request.headers.get('cookie'), prefix + BASE_NAMES[cookie]),
    set,
    session: ({ token, isRemembered, expiresAt }, now) =>
      set('session', token, isRemembered ? Math.ceil((expiresAt - now) / SECOND) : undefined),
    clear: (cookie) => `${prefix}${BASE_NAMES[cookie]}=; Max-Age=0${attributes}`,
  };
}

/** Reads one cookie of a `Cookie` header. Two different values under one name are a trick, so neither counts. */
function readCookie(header: string | null, name: string): string | null {
  if (header === null) return null;
  let found: string | null = null;
  for (const pair of header.split(';')) {
    const separator = pair.indexOf('=');
    if (separator === -1 || withoutBlanks(pair.slice(0, separator)) !== name) continue;
    const value = withoutBlanks(pair.slice(separator + 1));
    if (found !== null && found !== value) return null;
    found = value;
  }
  return found === '' ? null : found;
}

// Spaces and tabs alone. What else counts as white space here is part of the name to a browser, which would let any
// sibling domain set a cookie whose name only seems to begin with `__Host-` (RFC 6265 §5.2).
function withoutBlanks(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}
