import type { ServerResponse } from 'node:http';
import type { Access, Latchkey, SignedIn } from '../index.ts';
import { currentPeer } from '../library/connection.ts';
import { admitByPath, type GuardedPath, isGuarded } from '../library/guarded-paths.ts';
import { onePerProcess } from '../library/one-per-process.ts';
import { toHeaders } from '../library/request-like.ts';
import { type NodeRequest, toFetchRequest } from './node.ts';
import { keepFromCachesWhenSent } from './sent-headers.ts';

export { admitted, signedIn } from '../library/guarded-paths.ts';
export type { GuardedPath };

declare module 'h3' {
  interface H3EventContext {
    /** Set by `latchkeyMiddleware`: the user on whose behalf a request acts; null if there is none. */
    auth: SignedIn | null;
    /** The same, and also an API client with a token on a path that admits them: `session` or `token` is null. */
    access: Access | null;
  }
}

/** What the middleware uses of an event of h3. */
type Event = {
  /** Below `app.baseURL`, and decoded. */
  readonly path: string;
  readonly context: { readonly _nitro?: { readonly routeRules?: RouteRules } };
  readonly node: { readonly req: NodeRequest; readonly res: ServerResponse };
};

/** Set by Nitro before its middleware runs; `swr` is a kind of `cache`. */
type RouteRules = { readonly cache?: unknown; readonly isr?: unknown };

export type NuxtOptions<Role extends string = string, Scope extends string = string> = {
  /**
   * The guarded pages and routes, with all below them, by path (`/notes`). Server components have paths of their own: they
   * call `signedIn`.
   */
  readonly guard?: readonly GuardedPath<Role, Scope>[];
};

/** Middleware of Nitro, the server of Nuxt. */
export type NuxtMiddleware = (event: Event) => Promise<Response | undefined>;

/**
 * Answers Latchkey's own paths, guards pages and routes, and leaves the user and session in `event.context.auth`; in
 * `server/middleware/latchkey.ts`: `export default latchkeyMiddleware(latchkey, { guard: ['/notes', '/api'] })`.
 */
export function latchkeyMiddleware<Role extends string, Scope extends string>(
  create: () => Latchkey<Role, Scope>,
  { guard: paths = [] }: NuxtOptions<NoInfer<Role>, NoInfer<Scope>> = {},
): NuxtMiddleware {
  const latchkey = onePerProcess(create);
  return async (event) => {
    const { req, res } = event.node;
    const names = namesOf(event);
    const isPrerendered = isOfBuild(req);
    const isForEveryone = isPrerendered || isCached(event);
    if (isForEveryone && isGuarded(names, paths)) throw new Error(FOR_EVERYONE);
    const request = isPrerendered ? null : toFetchRequest(req);
    const answered = request === null ? null : await latchkey().handle(request);
    if (answered !== null) return answered;
    const { method, originalUrl: url } = req;
    const page = { method, url, headers: isForEveryone ? new Headers() : toHeaders(req.headers) };
    const admission = await admitByPath(latchkey, page, {
      names,
      paths,
      ...(event.path.startsWith('/api/') && { as: 'api' }),
    });
    if (!admission.ok) return admission.response;
    const { auth, access, cookies } = admission;
    Object.assign(event.context, { auth, access });
    for (const cookie of cookies) res.appendHeader('set-cookie', cookie);
    if (access !== null) res.setHeader('cache-control', 'no-store');
    if (admission.isGuarded || cookies.length > 0) keepFromCachesWhenSent(res);
    return undefined;
  };
}

/** The paths of an event: as routers compare them, and as a browser means them. */
function namesOf({ path, node: { req } }: Event): readonly string[] {
  return [path, req.originalUrl ?? path].flatMap((target) => {
    const [sent = '/'] = target.split('?');
    return [sent, URL.parse(`http://localhost${sent}`)?.pathname ?? '/'];
  });
}

// The build sends this header to itself; a client that sends it comes by a connection.
function isOfBuild({ headers }: NodeRequest): boolean {
  return 'x-nitro-prerender' in headers && currentPeer() === null;
}

function isCached({ context }: Event): boolean {
  const { cache, isr } = context._nitro?.routeRules ?? {};
  return Boolean(cache) || Boolean(isr);
}

const FOR_EVERYONE =
  'a guarded page is prerendered or cached, and would be served to everyone: take it out of prerender, swr, isr and cache in nuxt.config.ts';
