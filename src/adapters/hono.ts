import type { GuardOptions, HonoMiddleware, Latchkey } from '../index.ts';
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

/** Guards a route, and leaves `user` and `session` in its context. */
export function loginRequired<Role extends string>(
  latchkey: Latchkey<Role>,
  options: GuardOptions<NoInfer<Role>> = {},
): HonoMiddleware {
  return honoMiddleware((request, env) => {
    const from = fromPlatform(request, env);
    return latchkey.guard(request, { ...options, ...(from !== undefined && { from }) });
  });
}
