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
  const url = path.startsWith('/') ? origin + path : (URL.parse(path)?.href ?? `${origin}/`);
  return new Request(url, { method: methodOf(like), headers: toHeaders(like.headers) });
}

/** Whether a value is headers and not a request. */
export function isHeaders(value: RequestLike | Headers): value is Headers {
  return !('headers' in value);
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

/** Methods that the Fetch API refuses. @see https://fetch.spec.whatwg.org/#forbidden-method */
const FORBIDDEN = /^(?:CONNECT|TRACE|TRACK)$/i;

// A request whose method is not known could change something, and is checked like one that does.
function methodOf({ method }: RequestLike): string {
  return method === undefined || FORBIDDEN.test(method) ? 'POST' : method;
}

/**
 * The request under the host that its client named. A framework such as Next.js builds the URL from the address at
 * which it listens itself.
 * @param isBehindProxy whether `X-Forwarded-Host` comes from a trusted proxy
 */
export function withSentHost(request: Request, isBehindProxy: boolean): Request {
  const forwarded = isBehindProxy
    ? request.headers.get('x-forwarded-host')?.split(',')[0]?.trim()
    : undefined;
  const host = forwarded || request.headers.get('host');
  if (host === null || host === '') return request;
  const url = new URL(request.url);
  const sent = URL.parse(`${url.protocol}//${host}`);
  if (sent === null || sent.host === url.host || `${sent.origin}/` !== sent.href) return request;
  const { method, headers } = request;
  const target = sent.origin + url.pathname + url.search;
  return request.bodyUsed ? new Request(target, { method, headers }) : new Request(target, request);
}
