import type { Access, Latchkey, SignedIn } from '../index.ts';
import { admittedResponse } from '../library/admitted-response.ts';
import { currentPeer } from '../library/connection.ts';
import { admitByPath, type GuardedPath, isGuarded } from '../library/guarded-paths.ts';
import { onePerProcess } from '../library/one-per-process.ts';

export { admitted, signedIn } from '../library/guarded-paths.ts';
export type { GuardedPath };

declare global {
  namespace App {
    interface Locals {
      /** Set by `latchkeyMiddleware`: the user on whose behalf a request acts; null if there is none. */
      auth: SignedIn | null;
      /** The same, and also an API client with a token on a path that admits them: `session` or `token` is null. */
      access: Access | null;
    }
  }
}

/** What the middleware uses of Astro's context. */
type Context = {
  readonly request: Request;
  readonly url: URL;
  readonly originPathname: string;
  readonly routePattern: string;
  readonly isPrerendered: boolean;
  readonly locals: object;
  readonly clientAddress: string;
};

export type AstroOptions<Role extends string = string, Scope extends string = string> = {
  /**
   * The guarded pages and endpoints, with all below them: by path (`/notes`) or by route (`/notes/[id]`). Actions and
   * server islands have paths of their own: they call `signedIn`.
   */
  readonly guard?: readonly GuardedPath<Role, Scope>[];
};

/** Middleware of Astro. */
export type AstroMiddleware = (context: Context, next: () => Promise<Response>) => Promise<Response>;

/**
 * Answers Latchkey's own paths, guards routes, and leaves the user and session in `locals.auth`; in `src/middleware.ts`:
 * `export const onRequest = latchkeyMiddleware(latchkey, { guard: ['/notes', '/api'] })`.
 */
export function latchkeyMiddleware<Role extends string, Scope extends string>(
  create: () => Latchkey<Role, Scope>,
  { guard: paths = [] }: AstroOptions<NoInfer<Role>, NoInfer<Scope>> = {},
): AstroMiddleware {
  const latchkey = onePerProcess(create);
  return async (context, next) => {
    const { request, url, locals, originPathname, routePattern, isPrerendered } = context;
    const names = [url.pathname, originPathname, routePattern];
    if (isPrerendered) {
      if (isGuarded(names, paths)) throw new Error(PRERENDERED);
      Object.assign(locals, { auth: null, access: null });
      return next();
    }
    // Astro's own address is what the client states in `X-Forwarded-For`, where a host is trusted.
    const from = currentPeer() === null ? { from: { address: context.clientAddress } } : {};
    const answered = await latchkey().handle(request, from.from);
    if (answered !== null) return answered;
    const page = { method: request.method, url: url.pathname + url.search, headers: request.headers };
    const admission = await admitByPath(latchkey, page, { names, paths, ...from });
    if (!admission.ok) return admission.response;
    Object.assign(locals, { auth: admission.auth, access: admission.access });
    return admittedResponse(request, await next(), admission);
  };
}

const PRERENDERED =
  'a guarded page is prerendered, and would be served to everyone: give it `export const prerender = false`';
