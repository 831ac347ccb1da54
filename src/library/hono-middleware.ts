import { type Access, type AnyEntry, type AnyGuardOptions, accessOf, admitsTokens } from './bearer.ts';
import { keepFromCaches } from './caches.ts';
import type { SignedIn } from './user.ts';
import { withHeaders } from './with-headers.ts';

// What the middleware sets is typed in every context, as Hono's own middleware does it.
declare module 'hono' {
  interface ContextVariableMap extends SignedIn {
    /** The user, and the session or API token; the other one is null. */
    access: Access;
  }
}

/** What the middleware uses of a Hono context, of whatever version. */
export type HonoContext = {
  readonly req: { readonly raw: Request };
  readonly env: unknown;
  get res(): Response;
  /** What is there already is joined to what is set, unless it is removed before. */
  set res(response: Response | undefined);
  readonly set: (key: never, value: never) => void;
};

/** Hono middleware. */
export type HonoMiddleware = (
  context: HonoContext,
  next: () => Promise<void>,
) => Promise<Response | undefined>;

type Guard = (request: Request, environment: unknown, options: AnyGuardOptions) => Promise<AnyEntry>;

/**
 * Middleware that guards a route, and leaves `user`, `access` and `session` in its context; no `session` where API tokens
 * are admitted, which have none.
 */
export function honoMiddleware(guard: Guard, options: AnyGuardOptions = {}): HonoMiddleware {
  return async (context, next) => {
    const request = context.req.raw;
    const entry = await guard(request, context.env, options);
    if (!entry.ok) return entry.response;
    // Which variables a context has is a matter of Hono's types, which differ by version.
    const set = (name: string, value: unknown) => Reflect.apply(context.set, context, [name, value]);
    set('user', entry.user);
    set('access', accessOf(entry));
    if (!admitsTokens(options)) set('session', entry.session);
    await next();
    const response = withHeaders(context.res, (headers) => {
      for (const cookie of entry.headers.getSetCookie()) headers.append('set-cookie', cookie);
      keepFromCaches(request, headers);
    });
    if (response === context.res) return undefined;
    context.res = undefined;
    context.res = response;
    return undefined;
  };
}
