/** The headers of a request, as the Fetch API or as Node.js has them. */
export type HeadersLike = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** A request of the Fetch API, or Node's, such as `req` of Express. */
export type RequestLike =
  | Request
  | {
      readonly method?: string | undefined;
      readonly url?: string | undefined;
      /** The URL before a router has removed the part that it is mounted at (Express, Connect). */
      readonly originalUrl?: string | undefined;
      readonly headers: HeadersLike;
      readonly socket?: { readonly remoteAddress?: string | undefined } | null;
    };

/** A request without its body: all that a guard needs. @param origin for a URL that is only a path */
export function toRequest(like: RequestLike, origin: string): Request {
  if (isFetchRequest(like)) return like;
  const path = ('originalUrl' in like ? like.originalUrl : undefined) ?? like.url ?? '/';
  return new Request(origin + pathIn(path), { method: methodOf(like), headers: toHeaders(like.headers) });
}

// RFC 9112 §3.2: a target is a path, or a whole URL as clients send it to proxies.
function pathIn(target: string): string {
  if (target.startsWith('/')) return target;
  const url = URL.parse(target);
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url.pathname + url.search : '/';
}

/** Whether a value is headers and not a request; one of Express has a method `get`, too. */
export function isHeaders(value: RequestLike | Headers): value is Headers {
  return 'get' in value && typeof value.get === 'function' && !('headers' in value);
}

export function toHeaders(like: HeadersLike): Headers {
  if (isFetchHeaders(like)) return like;
  const headers = new Headers();
  for (const [name, value] of Object.entries(like)) {
    // HTTP/2 has its pseudo-headers among the others (RFC 9113 §8.3).
    if (value === undefined || name.startsWith(':')) continue;
    for (const one of typeof value === 'string' ? [value] : value) headers.append(name, one);
  }
  return headers;
}

// By shape: frameworks have classes of their own for these.
function isFetchRequest(like: RequestLike): like is Request {
  return isFetchHeaders(like.headers) && /^https?:\/\//.test(like.url ?? '') && like.method !== undefined;
}

function isFetchHeaders(headers: HeadersLike): headers is Headers {
  return typeof headers.get === 'function';
}

/** Whether the Fetch API refuses a method. @see https://fetch.spec.whatwg.org/#forbidden-method */
export function isForbiddenMethod(method: string): boolean {
  return /^(?:CONNECT|TRACE|TRACK)$/i.test(method);
}

// A request whose method is not known could change something, and is checked like one that does.
function methodOf({ method }: RequestLike): string {
  return method === undefined || isForbiddenMethod(method) ? 'POST' : method;
}

/**
 * The request under the host that its client named. A framework such as Next.js builds the URL from the address at
 * which it listens itself. A host that cannot be read is refused like a foreign one (A28).
 */
export function withSentHost(request: Request): Request {
  const host = request.headers.get('host');
  if (host === null) return request;
  const { protocol, host: written, pathname, search } = new URL(request.url);
  const sent = URL.parse(`${protocol}//${host}`);
  const isReadable = sent !== null && `${sent.origin}/` === sent.href;
  if (isReadable && sent.host === written) return request;
  const target = `${isReadable ? sent.origin : UNREADABLE_HOST}${pathname}${search}`;
  const { method, headers } = request;
  const isConsumed = request.bodyUsed || request.body?.locked === true;
  return isConsumed ? new Request(target, { method, headers }) : new Request(target, request);
}

// RFC 2606 §2
const UNREADABLE_HOST = 'http://host.invalid';
