import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { GuardOptions, Latchkey, SignedIn } from '../index.ts';
import { toHeaders } from '../library/request-like.ts';

/** Node's request, perhaps below a router and after a body parser, as Express and Connect have it. */
export type NodeRequest = IncomingMessage & { readonly originalUrl?: string };

export type Next = (error?: unknown) => void;

/** A handler of `node:http`, and middleware of Express, Connect and Nest. */
export type NodeHandler = (request: NodeRequest, response: ServerResponse, next: Next) => void;

/** Answers Latchkey's own paths, and calls `next` for all others. It works before and after body parsers. */
export function latchkeyPages(latchkey: Latchkey): NodeHandler {
  return (request, response, next) => {
    answer(latchkey, request).then(
      (answered) => (answered === null ? next() : sendResponse(answered, response)),
      next,
    );
  };
}

/** The response to a request to one of Latchkey's own paths; null for all others. */
export async function answer(latchkey: Latchkey, incoming: NodeRequest): Promise<Response | null> {
  const request = toFetchRequest(incoming);
  return request === null ? null : latchkey.handle(request, { incoming });
}

/** Guards a route: leaves the user and session in `request.auth`, or answers itself. */
export function loginRequired<Role extends string>(
  latchkey: Latchkey<Role>,
  options: GuardOptions<NoInfer<Role>> = {},
): NodeHandler {
  return (request, response, next) => {
    admit(latchkey, request, response, options).then((signedIn) => {
      if (signedIn === null) return;
      Object.assign(request, { auth: signedIn });
      next();
    }, next);
  };
}

/**
 * Guards a request to a plain `node:http` server. The response gets the cookies and headers that the guard decides.
 * @returns the user and session; null when the request is refused and answered
 */
export async function admit<Role extends string>(
  latchkey: Latchkey<Role>,
  request: NodeRequest,
  outgoing: ServerResponse,
  options: GuardOptions<NoInfer<Role>> = {},
): Promise<SignedIn<Role> | null> {
  const entry = await latchkey.guard(request, options);
  if (!entry.ok) {
    await sendResponse(entry.response, outgoing);
    return null;
  }
  for (const [name, value] of entry.headers) outgoing.appendHeader(name, value);
  return { user: entry.user, session: entry.session };
}

/** Node's request as one of the Fetch API, with its body; null if its URL is no path. */
export function toFetchRequest(incoming: NodeRequest): Request | null {
  const path = incoming.originalUrl ?? incoming.url ?? '/';
  const scheme = 'encrypted' in incoming.socket ? 'https' : 'http';
  const headers = toHeaders(incoming.headers);
  const url = URL.parse(path, `${scheme}://${headers.get('host') ?? 'localhost'}`);
  const { method = 'GET' } = incoming;
  if (url === null || !path.startsWith('/') || FORBIDDEN_METHODS.has(method)) return null;
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers });
  const body = bodyOf(incoming);
  if (typeof body === 'string') headers.set('content-length', String(Buffer.byteLength(body)));
  return new Request(url, { method, headers, body, duplex: 'half' });
}

/** Methods that the Fetch API refuses. @see https://fetch.spec.whatwg.org/#forbidden-method */
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);

// A body parser has read the form to its end, and left its fields. They are written again as they were sent: a field
// that came twice does so again, and is refused.
function bodyOf(incoming: NodeRequest): string | ReadableStream<Uint8Array> {
  const body = 'body' in incoming ? incoming.body : undefined;
  if (body === undefined || !incoming.readableEnded) return Readable.toWeb(incoming);
  if (typeof body === 'string') return body;
  if (Buffer.isBuffer(body)) return body.toString('utf8');
  const isJson = /\bjson\b/i.test(incoming.headers['content-type'] ?? '');
  return isJson ? JSON.stringify(body) : formBody(body);
}

function formBody(body: unknown): string {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(Object(body)))
    for (const one of [value].flat()) fields.append(name, String(one));
  return fields.toString();
}

/** Sends a response of the Fetch API through Node's. What the application has set before stays, but for the same names. */
export async function sendResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) if (name !== 'set-cookie') outgoing.setHeader(name, value);
  for (const cookie of response.headers.getSetCookie()) outgoing.appendHeader('set-cookie', cookie);
  if (response.body === null || outgoing.req.method === 'HEAD') return void outgoing.end();
  // A client that has disconnected receives no more.
  await pipeline(Readable.fromWeb(response.body), outgoing).catch(() => outgoing.destroy());
}
