import { keepFromCaches } from './caches.ts';
import type { Entry, GuardOptions } from './guard.ts';
import type { SignedIn } from './user.ts';
import { withHeaders } from './with-headers.ts';

// What the middleware sets is typed in every context, as Hono's own middleware does it.
declare module 'hono' {
  interface ContextVariableMap extends SignedIn {}
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

type Guard = (request: Request, environment: unknown, options: GuardOptions) => Promise<Entry>;

/** Middleware that guards a route, and leaves the user and session in its context. */
export function honoMiddleware(guard: Guard, options: GuardOptions = {}): HonoMiddleware {
  return async (context, next) => {
    const request = context.req.raw;
    const entry = await guard(request, context.env, options);
    if (!entry.ok) return entry.response;
    // Which variables a context has is a matter of Hono's types, which differ by version.
    for (const name of ['user', 'session'] as const) Reflect.apply(context.set, context, [name, entry[name]]);
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
