import { SECOND, trimmed } from '../runtime/index.ts';

/** Of these a browser has one each. */
const SINGLE = ['session', 'visitor', 'flash', 'device', 'registration'] as const;
type SingleCookie = (typeof SINGLE)[number];

/** What may be under way several times in one browser: a cookie for each, whose name ends in its handle. */
const FLOWS = ['link', 'asked', 'pending', 'provider', 'newcomer'] as const;
export type FlowKind = (typeof FLOWS)[number];

/** The cookies that Latchkey sets. */
export type CookieName = SingleCookie | `${FlowKind}-${string}`;

export function isCookieName(text: string): text is CookieName {
  return [...SINGLE].some((name) => name === text) || FLOWS.some((kind) => text.startsWith(`${kind}-`));
}

export type Cookies = {
  /** The value of a cookie; null when it is absent, or there twice with different values. */
  readonly read: (request: Request, cookie: CookieName) => string | null;
  /** How the names of a request's cookies of one kind end, in the order in which they were sent. */
  readonly suffixes: (request: Request, kind: FlowKind) => readonly string[];
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

const BASE_NAME = 'latchkey';

/**
 * On https the names carry `__Host-`, so that no sibling domain and no plain http page can plant them (A45).
 * @see RFC 6265bis §4.1.3.2; NIST SP 800-63B-4 §5.1.1
 */
export function createCookies(isSecure: boolean): Cookies {
  const prefix = `${isSecure ? '__Host-' : ''}${BASE_NAME}`;
  const fullName = (cookie: string) => (cookie === 'session' ? prefix : `${prefix}-${cookie}`);
  const attributes = `; Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  const set = (cookie: CookieName, value: string, maximumAgeSeconds?: number) => {
    const age = maximumAgeSeconds === undefined ? '' : `; Max-Age=${maximumAgeSeconds}`;
    return `${fullName(cookie)}=${value}${age}${attributes}`;
  };
  return {
    read: (request, cookie) => readCookie(request.headers.get('cookie'), fullName(cookie)),
    suffixes: (request, kind) => {
      const beginning = `${fullName(kind)}-`;
      const names = namesIn(request.headers.get('cookie')).filter((name) => name.startsWith(beginning));
      return names.map((name) => name.slice(beginning.length));
    },
    set,
    session: ({ token, isRemembered, expiresAt }, now) =>
      set('session', token, isRemembered ? Math.ceil((expiresAt - now) / SECOND) : undefined),
    clear: (cookie) => `${fullName(cookie)}=; Max-Age=0${attributes}`,
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

function namesIn(header: string | null): readonly string[] {
  const pairs = (header ?? '').split(';').filter((pair) => pair.includes('='));
  return pairs.map((pair) => withoutBlanks(pair.slice(0, pair.indexOf('='))));
}

// Spaces and tabs alone. What else counts as white space here is part of the name to a browser, which would let any
// sibling domain set a cookie whose name only seems to begin with `__Host-` (RFC 6265 §5.2).
function withoutBlanks(text: string): string {
  return trimmed(text, ' \t');
}
