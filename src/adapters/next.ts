import type { Access, AnyGuardOptions, GuardOptions, Latchkey, SignedIn } from '../index.ts';
import { admittedResponse } from '../library/admitted-response.ts';
import { accessOf } from '../library/bearer.ts';
import { ClientAddressError } from '../library/client-address.ts';
import { type LatchkeyOfProcess, onePerProcess } from '../library/one-per-process.ts';

/** What a server component or a server action requires. */
export type PageGuardOptions<Role extends string = string> = Pick<GuardOptions<Role>, 'role' | 'fresh'> & {
  /** The path of the page, to which signing in leads back: the App Router does not show it to its components. */
  readonly next?: string;
};

/** What one file of an application exports for all others, such as `auth.ts`. */
export type LatchkeyNext<Role extends string = string, Scope extends string = string> = {
  /** The one instance of this process. */
  readonly latchkey: LatchkeyOfProcess<Role, Scope>;
  /** Pages and routes of Latchkey, for `app/auth/[...latchkey]/route.ts`. */
  readonly GET: (request: Request) => Promise<Response>;
  readonly POST: (request: Request) => Promise<Response>;
  /** For `proxy.ts`: guards the paths of its `matcher`, and replaces the session cookie, which no page can do. */
  readonly proxy: (request: Request) => Promise<Response>;
  /** The signed-in user and session, or null. */
  readonly auth: () => Promise<SignedIn<Role> | null>;
  /** Guards a page or a server action: returns the user and session, or redirects; 404 where a role is missing. */
  readonly admit: (options?: PageGuardOptions<Role>) => Promise<SignedIn<Role>>;
  readonly loginRequired: GuardedHandlers<Role, Scope>;
  /** Signs out from a server action, and redirects. */
  readonly signOut: () => Promise<never>;
};

/** A route handler of Next.js, whose second argument has `params`. */
type Handler<Incoming, Context> = (request: Incoming, context: Context) => Response | Promise<Response>;
type RouteHandler<Incoming, Context> = (request: Incoming, context: Context) => Promise<Response>;

/** Guards a route handler, which finds the user and session in its second argument, beside `params`. */
export type GuardedHandlers<Role extends string = string, Scope extends string = string> = {
  <Incoming extends Request, Context>(
    handler: Handler<Incoming, Context & SignedIn<Role>>,
    options?: GuardOptions<Role>,
  ): RouteHandler<Incoming, Context>;
  /** With `{ scope: 'notes:read' }` it finds the user, and the session or API token; the other one is null. */
  <Incoming extends Request, Context>(
    handler: Handler<Incoming, Context & Access<Role, Scope>>,
    options: AnyGuardOptions<Role, Scope>,
  ): RouteHandler<Incoming, Context>;
};

/**
 * Connects Latchkey with the App Router. The instance is made at the first request, so that `next build` opens no
 * database, and once for the process, whichever bundle asks for it and however often a module is evaluated again.
 */
export function latchkeyNext<Role extends string, Scope extends string>(
  create: () => Latchkey<Role, Scope>,
): LatchkeyNext<Role, Scope> {
  const latchkey = onePerProcess(create);
  const handle = answerOwnPaths(latchkey);
  const answer = async (request: Request) =>
    (await handle(request)) ?? new Response('Not found', { status: 404 });
  return {
    latchkey,
    GET: answer,
    POST: answer,
    proxy: async (request) => {
      // Without a matcher, it gets these, too.
      const answered = await handle(request);
      if (answered !== null) return withWholeLocation(answered, request.url);
      const entry = await latchkey().guard(request);
      return entry.ok ? goOn(entry.headers) : withWholeLocation(entry.response, request.url);
    },
    auth: async () => {
      // First, as this ends the prerendering of a page in `next build`.
      const sent = await sentHeaders();
      return latchkey().session(sent);
    },
    admit: (options) => admit(latchkey, options),
    loginRequired: guardedHandlers(latchkey),
    signOut: async () => {
      await admit(latchkey);
      const ended = await latchkey().signOut(await sentHeaders());
      await setCookies(ended);
      const { redirect } = await import('next/navigation.js');
      return redirect(ended.get('location') ?? '/');
    },
  };
}

function guardedHandlers<Role extends string, Scope extends string>(
  latchkey: LatchkeyOfProcess<Role, Scope>,
): GuardedHandlers<Role, Scope> {
  return <Incoming extends Request, Context>(
    handler: Handler<Incoming, Context & Access<Role, Scope>>,
    options: AnyGuardOptions<Role, Scope> = {},
  ): RouteHandler<Incoming, Context> =>
    async (request, context) => {
      const entry = await latchkey().guard(request, options);
      if (!entry.ok) return entry.response;
      const access = accessOf(entry);
      const response = await handler(request, { ...context, ...access });
      return admittedResponse(request, response, {
        access,
        cookies: entry.headers.getSetCookie(),
        isGuarded: true,
      });
    };
}

/**
 * The framework loads a module when its first request has begun already, so that the connection of this one was not seen:
 * its client is asked once to send it again.
 */
function answerOwnPaths(latchkey: LatchkeyOfProcess): (request: Request) => Promise<Response | null> {
  let isFirst = true;
  return async (request) => {
    try {
      return await latchkey().handle(request);
    } catch (error) {
      if (!(isFirst && error instanceof ClientAddressError)) throw error;
      isFirst = false;
      const { pathname, search } = new URL(request.url);
      return new Response(null, {
        status: 307,
        headers: { location: pathname + search, 'cache-control': 'no-store' },
      });
    }
  };
}

async function admit<Role extends string>(
  latchkey: () => Latchkey<Role>,
  { next = '/', ...options }: PageGuardOptions<Role> = {},
): Promise<SignedIn<Role>> {
  const sent = await sentHeaders();
  // What calls a server action, by a form or by a script.
  const method = sent.has('content-type') || sent.has('next-action') ? 'POST' : 'GET';
  const request = { method, url: next, headers: sent };
  const entry = await latchkey().guard(request, { ...options, as: 'page' });
  if (entry.ok) {
    await setCookies(entry.headers);
    return { user: entry.user, session: entry.session };
  }
  const location = entry.response.headers.get('location');
  const { notFound, redirect } = await import('next/navigation.js');
  return location === null ? notFound() : redirect(location);
}

async function sentHeaders(): Promise<Headers> {
  const { headers } = await import('next/headers.js');
  return headers();
}

/** What `NextResponse.next()` returns: the request goes on to its page, whose response gets these headers. */
function goOn(given: Headers): Response {
  const answer = new Headers(given);
  answer.set('x-middleware-next', '1');
  return new Response(null, { headers: answer });
}

// The framework parses the location of a proxy’s response as a whole URL, and makes its own origin relative again.
function withWholeLocation(response: Response, base: string): Response {
  const location = response.headers.get('location');
  if (location !== null) response.headers.set('location', new URL(location, base).href);
  return response;
}

/** Sets cookies where the framework permits it, which is in server actions and not in components. */
async function setCookies(given: Headers): Promise<void> {
  const { cookies } = await import('next/headers.js');
  const jar = await cookies();
  for (const line of given.getSetCookie()) {
    const [pair = '', ...attributes] = line.split('; ');
    const age = attributes.find((attribute) => attribute.startsWith('Max-Age='))?.slice('Max-Age='.length);
    const [name = '', value = ''] = pair.split('=');
    try {
      jar.set(name, value, {
        path: '/',
        httpOnly: true,
        sameSite: 'lax',
        secure: attributes.includes('Secure'),
        ...(age !== undefined && { maxAge: Number(age) }),
      });
    } catch {
      // The proxy has replaced the cookie, or it stays as it is until a response can carry it.
      return;
    }
  }
}
