import type { AnyGuardOptions, HonoMiddleware, Latchkey } from '../index.ts';
import { fromPlatform } from '../library/client-address.ts';
import { honoMiddleware } from '../library/hono-middleware.ts';

/** Answers Latchkey's own paths, and leaves all others to the application. */
export function latchkeyPages(latchkey: Latchkey): HonoMiddleware {
  return async ({ req, env }, next) => {
    const response = await latchkey.handle(req.raw, fromPlatform(req.raw, env));
    if (response !== null) return response;
    await next();
    return undefined;
  };
}

/**
 * Guards a route, and leaves `user` and `session` in its context. Where it admits API tokens as well, by
 * `{ scope: 'notes:read' }`, who sent the request is in `access`.
 */
export function loginRequired<Role extends string, Scope extends string>(
  latchkey: Latchkey<Role, Scope>,
  options: AnyGuardOptions<NoInfer<Role>, NoInfer<Scope>> = {},
): HonoMiddleware {
  return honoMiddleware((request, env) => {
    const from = fromPlatform(request, env);
    return latchkey.guard(request, { ...options, ...(from !== undefined && { from }) });
  }, options);
}
