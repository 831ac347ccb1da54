import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Access, AnyGuardOptions, GuardOptions, Latchkey, SignedIn } from '../index.ts';
import { accessOf } from '../library/bearer.ts';
import { isForbiddenMethod, toHeaders } from '../library/request-like.ts';
import { leftOnRequest } from './left-on-request.ts';
import { keepFromCachesWhenSent } from './sent-headers.ts';

/** Node's request, perhaps below a router and after a body parser, as Express and Connect have it. */
export type NodeRequest = IncomingMessage & { readonly originalUrl?: string };

export type Next = (error?: unknown) => void;

/** A handler of `node:http`, and middleware of Express, Connect and Nest. */
export type NodeHandler = (request: NodeRequest, response: ServerResponse, next: Next) => void;

/** Answers Latchkey's own paths, and calls `next` for all others. It works before and after body parsers. */
export function latchkeyPages(latchkey: Latchkey): NodeHandler {
  return (request, response, next) =>
    settle(next, async () => {
      const answered = await answer(latchkey, request);
      if (answered !== null) await sendResponse(answered, response);
      return answered === null;
    });
}

// What `next` throws is not caught here: it is the application's.
function settle(next: Next, work: () => Promise<boolean>): void {
  work().then(
    (goesOn) => {
      if (goesOn) queueMicrotask(() => next());
    },
    (error: unknown) => queueMicrotask(() => next(error)),
  );
}

/** The response to a request to one of Latchkey's own paths; null for all others. */
export async function answer(latchkey: Latchkey, incoming: NodeRequest): Promise<Response | null> {
  const request = toFetchRequest(incoming);
  return request === null ? null : latchkey.handle(request, { incoming });
}

/**
 * Guards a route: leaves the user and session in `request.auth`, or answers itself. Where it admits API tokens as well, by
 * `{ scope: 'notes:read' }`, who sent the request is in `request.access`.
 */
export function loginRequired<Role extends string, Scope extends string>(
  latchkey: Latchkey<Role, Scope>,
  options: AnyGuardOptions<NoInfer<Role>, NoInfer<Scope>> = {},
): NodeHandler {
  return (request, response, next) =>
    settle(next, async () => {
      const access = await admitted(latchkey, request, response, options);
      if (access !== null) Object.assign(request, leftOnRequest(access, options));
      return access !== null;
    });
}

/**
 * Guards a request to a plain `node:http` server. The response gets the cookies and headers that the guard decides.
 * @returns the user, and the session or API token; null when the request is refused and answered
 */
export function admit<Role extends string>(
  latchkey: Latchkey<Role>,
  request: NodeRequest,
  outgoing: ServerResponse,
  options?: GuardOptions<NoInfer<Role>>,
): Promise<(SignedIn<Role> & { readonly token: null }) | null>;
export function admit<Role extends string, Scope extends string>(
  latchkey: Latchkey<Role, Scope>,
  request: NodeRequest,
  outgoing: ServerResponse,
  options: AnyGuardOptions<NoInfer<Role>, NoInfer<Scope>>,
): Promise<Access<Role, Scope> | null>;
export function admit(
  latchkey: Latchkey,
  request: NodeRequest,
  outgoing: ServerResponse,
  options: AnyGuardOptions = {},
): Promise<Access | null> {
  return admitted(latchkey, request, outgoing, options);
}

async function admitted<Role extends string, Scope extends string>(
  latchkey: Latchkey<Role, Scope>,
  request: NodeRequest,
  outgoing: ServerResponse,
  options: AnyGuardOptions<NoInfer<Role>, NoInfer<Scope>>,
): Promise<Access<Role, Scope> | null> {
  const entry = await latchkey.guard(request, options);
  if (!entry.ok) {
    await sendResponse(entry.response, outgoing);
    return null;
  }
  for (const cookie of entry.headers.getSetCookie()) outgoing.appendHeader('set-cookie', cookie);
  keepFromCachesWhenSent(outgoing);
  return accessOf(entry);
}

/**
 * Node's request as one of the Fetch API, whose body is read only on demand: it may belong to the application. Null if its
 * target is no path, or one that would be rewritten when parsed: a proxy that counts or refuses by path has seen it as it
 * was sent (A08).
 */
export function toFetchRequest(incoming: NodeRequest): Request | null {
  const path = incoming.originalUrl ?? incoming.url ?? '/';
  const scheme = 'encrypted' in incoming.socket ? 'https' : 'http';
  const headers = toHeaders(incoming.headers);
  const host = incoming.headers[':authority'] ?? incoming.headers.host ?? 'localhost';
  const url = path.startsWith('/') ? URL.parse(`${scheme}://${host}${path}`) : null;
  const { method = 'GET' } = incoming;
  if (url === null || url.pathname + url.search !== path || isForbiddenMethod(method)) return null;
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers });
  const body = parsedBody(incoming);
  if (body === null) return new Request(url, { method, headers, body: unreadBody(incoming), duplex: 'half' });
  headers.set('content-length', String(Buffer.byteLength(body)));
  return new Request(url, { method, headers, body });
}

/** The body of a request, of which nothing is read before the first part is asked for. */
function unreadBody(incoming: NodeRequest): ReadableStream<Uint8Array> {
  let parts: NodeJS.AsyncIterator<Uint8Array> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        parts ??= incoming.iterator({ destroyOnReturn: false });
        const { done, value } = await parts.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      // The rest is dropped, so that the connection can carry the next request.
      cancel: async () => {
        await parts?.return?.();
        incoming.resume();
      },
    },
    { highWaterMark: 0 },
  );
}

// A body parser has read the form to its end, and left its fields. They are written again as they were sent: a field
// that came twice does so again, and is refused.
function parsedBody(incoming: NodeRequest): string | Uint8Array<ArrayBuffer> | null {
  const body = 'body' in incoming ? incoming.body : undefined;
  if (body === undefined || !incoming.readableEnded) return null;
  if (typeof body === 'string') return body;
  if (Buffer.isBuffer(body)) return new Uint8Array(body);
  const isJson = /\bjson\b/i.test(incoming.headers['content-type'] ?? '');
  return isJson ? JSON.stringify(body) : formBody(body);
}

// No field of Latchkey is anything but a text; parsers make more of `a[b]=c`.
function formBody(body: unknown): string {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(Object(body)))
    for (const one of [value].flat()) if (typeof one === 'string') fields.append(name, one);
  return fields.toString();
}

/**
 * Sends a response of the Fetch API through Node's. Headers that the application has set stay, but for the same names.
 * Nothing is sent if the application has answered meanwhile, such as after a timeout.
 */
export async function sendResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  if (outgoing.headersSent || outgoing.destroyed) return void (await response.body?.cancel());
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) if (name !== 'set-cookie') outgoing.setHeader(name, value);
  for (const cookie of response.headers.getSetCookie()) outgoing.appendHeader('set-cookie', cookie);
  if (response.body === null || outgoing.req.method === 'HEAD') return void outgoing.end();
  // A client that has disconnected receives no more.
  await pipeline(Readable.fromWeb(response.body), outgoing).catch(() => outgoing.destroy());
}
