import { trimmed } from '../runtime/index.ts';

/** A cookie that Latchkey sets; a browser has at most one. */
export type Cookie = {
  /** The end of its full name; unique. */
  readonly name: string;
  /** What it is for, in the documents. */
  readonly purpose: string;
  /** Whether its full name is the beginning of the others, without an end of its own. */
  readonly isMain?: true;
};

/** Declares cookies with their purposes; each key is a name. */
export function defineCookies<Name extends string>(
  purposes: Readonly<Record<Name, string>>,
): Readonly<Record<Name, Cookie>>;
export function defineCookies(purposes: Readonly<Record<string, string>>): Readonly<Record<string, Cookie>> {
  return Object.fromEntries(Object.entries(purposes).map(([name, purpose]) => [name, { name, purpose }]));
}

/** The cookies of flows: a browser has one for each flow, whose name ends in the handle of the flow. */
export type FlowCookie = {
  readonly name: string;
  readonly purpose: string;
  /** How many a browser keeps. */
  readonly max: number;
};

/** Declares the cookies of flows; each key is a name. The cookies of all of them together stay below 4 KB. */
export function defineFlowCookies<Name extends string>(
  flows: Readonly<Record<Name, Omit<FlowCookie, 'name'>>>,
): Readonly<Record<Name, FlowCookie>>;
export function defineFlowCookies(
  flows: Readonly<Record<string, Omit<FlowCookie, 'name'>>>,
): Readonly<Record<string, FlowCookie>> {
  return Object.fromEntries(Object.entries(flows).map(([name, flow]) => [name, { ...flow, name }]));
}

export const webCookies = {
  ...defineCookies({
    visitor: 'Binds the forms of a visitor to the browser.',
    flash: 'A message for the next page, for at most a minute.',
  }),
  ...defineFlowCookies({
    link: { max: 5, purpose: 'The token of a mailed link until its form is sent, for at most 30 minutes.' },
  }),
};

/** Names a cookie of a request or an answer. */
type CookieName = Pick<Cookie, 'name' | 'isMain'>;

/** A request whose answer can carry cookies, by their names. */
type CookieCarrier = { readonly request: Request; readonly cookies: Map<string, string> };

export type Cookies = {
  /** The value of a cookie; null when it is absent, or there twice with different values. */
  readonly read: (request: Request, cookie: CookieName) => string | null;
  /** Has the answer set a cookie; without `maximumAgeSeconds` it ends with the browser. */
  readonly set: (
    context: CookieCarrier,
    cookie: CookieName,
    value: string,
    maximumAgeSeconds?: number,
  ) => void;
  readonly clear: (context: CookieCarrier, cookie: CookieName) => void;
  /** How the names of a request's cookies of one kind of flow end, in the order in which they were sent. */
  readonly suffixes: (request: Request, flow: FlowCookie) => readonly string[];
};

/** How the cookies of a system are set. */
export type CookieSettings = {
  readonly isSecure: boolean;
  /** The beginning of their names. Cookies ignore ports, so two sites on one host need different ones (RFC 6265 §8.5). */
  readonly cookiePrefix: string;
};

/**
 * On https the names carry `__Host-`, so that no sibling domain and no plain http page can plant them (A45).
 * @see RFC 6265bis §4.1.3.2; NIST SP 800-63B-4 §5.1.1
 */
export function createCookies({ isSecure, cookiePrefix }: CookieSettings): Cookies {
  const prefix = `${isSecure ? '__Host-' : ''}${cookiePrefix}`;
  const fullName = ({ name, isMain }: CookieName) => (isMain === true ? prefix : `${prefix}-${name}`);
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
