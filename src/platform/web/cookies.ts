import { trimmed } from '../runtime/index.ts';

/** A cookie that Latchkey sets; a browser has at most one. */
export type Cookie = {
  /** The end of its full name; unique. */
  readonly name: string;
  /** Whether its full name is the beginning of the others, without an end of its own. */
  readonly isMain?: true;
};

/** Declares cookies by their names. */
export function defineCookies<Name extends string>(...names: readonly Name[]): Readonly<Record<Name, Cookie>>;
export function defineCookies(...names: readonly string[]): Readonly<Record<string, Cookie>> {
  return Object.fromEntries(names.map((name) => [name, { name }]));
}

/** The cookies of flows: a browser has one for each flow, whose name ends in the handle of the flow. */
export type FlowCookie = {
  readonly name: string;
  /** How many a browser keeps. */
  readonly max: number;
};

/** Declares the cookies of flows by their names. The cookies of all of them together stay below 4 KB. */
export function defineFlowCookies<Name extends string>(
  maximums: Readonly<Record<Name, number>>,
): Readonly<Record<Name, FlowCookie>>;
export function defineFlowCookies(
  maximums: Readonly<Record<string, number>>,
): Readonly<Record<string, FlowCookie>> {
  return Object.fromEntries(Object.entries(maximums).map(([name, max]) => [name, { name, max }]));
}

/** The visitor that a form is bound to, messages for the next page, and the links that are open. */
export const webCookies = { ...defineCookies('visitor', 'flash'), ...defineFlowCookies({ link: 5 }) };

/** A request whose answer can carry cookies, by their names. */
type CookieCarrier = { readonly request: Request; readonly cookies: Map<string, string> };

export type Cookies = {
  /** The value of a cookie; null when it is absent, or there twice with different values. */
  readonly read: (request: Request, cookie: Cookie) => string | null;
  /** Has the answer set a cookie; without `maximumAgeSeconds` it ends with the browser. */
  readonly set: (context: CookieCarrier, cookie: Cookie, value: string, maximumAgeSeconds?: number) => void;
  /** Has the answer remove a cookie. */
  readonly clear: (context: CookieCarrier, cookie: Cookie) => void;
  /** How the names of a request's cookies of one kind of flow end, in the order in which they were sent. */
  readonly suffixes: (request: Request, flow: FlowCookie) => readonly string[];
};

const BASE_NAME = 'latchkey';

/**
 * On https the names carry `__Host-`, so that no sibling domain and no plain http page can plant them (A45).
 * @see RFC 6265bis §4.1.3.2; NIST SP 800-63B-4 §5.1.1
 */
export function createCookies(isSecure: boolean): Cookies {
  const prefix = `${isSecure ? '__Host-' : ''}${BASE_NAME}`;
  const fullName = ({ name, isMain }: Cookie) => (isMain === true ? prefix : `${prefix}-${name}`);
  const attributes = `; Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  return {
    read: (request, cookie) => readCookie(request.headers.get('cookie'), fullName(cookie)),
    set: (context, cookie, value, maximumAgeSeconds) => {
      const age = maximumAgeSeconds === undefined ? '' : `; Max-Age=${maximumAgeSeconds}`;
      context.cookies.set(cookie.name, `${fullName(cookie)}=${value}${age}${attributes}`);
    },
    clear: (context, cookie) => {
      context.cookies.set(cookie.name, `${fullName(cookie)}=; Max-Age=0${attributes}`);
    },
    suffixes: (request, flow) => {
      const beginning = `${fullName(flow)}-`;
      const names = namesIn(request.headers.get('cookie')).filter((name) => name.startsWith(beginning));
      return names.map((name) => name.slice(beginning.length));
    },
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
