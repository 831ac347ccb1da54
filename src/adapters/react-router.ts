import type { Access, AnyGuardOptions, Latchkey, SignedIn } from '../index.ts';
import { withHeaders } from '../library/admitted-response.ts';
import { accessOf, admitsTokens } from '../library/bearer.ts';
import { keepFromCaches } from '../library/caches.ts';
import { onePerProcess } from '../library/one-per-process.ts';

/** What middleware of React Router uses of its arguments; `url` is the page, also where its data alone is requested. */
type MiddlewareArguments = {
  readonly request: Request;
  readonly url: URL;
  readonly context: {
    set(key: { defaultValue?: SignedIn }, value: SignedIn): void;
    set(key: { defaultValue?: Access }, value: Access): void;
  };
};

/** Middleware of a route. */
export type ReactRouterMiddleware = (
  args: MiddlewareArguments,
  next: () => Promise<Response>,
) => Promise<Response>;

/** The user and session of a guarded route: `context.get(auth)`, which throws where `loginRequired` is missing. */
export const auth: { defaultValue?: SignedIn } = {};

/** Who sent the request to a guarded route, also with an API token where it admits them: `session` or `token` is null. */
export const access: { defaultValue?: Access } = {};

/**
 * Answers Latchkey's own paths, in `root.tsx`: `export const middleware = [latchkeyPages(latchkey)]`. Middleware runs
 * where a route matches, so `routes.ts` ends with `route('*', …)`, whose `loader` answers 404.
 */
export function latchkeyPages(create: () => Latchkey): ReactRouterMiddleware {
  const latchkey = onePerProcess(create);
  return async ({ request, url }, next) => {
    if (!isForData(request)) return (await latchkey().handle(request)) ?? next();
    // A link or a form of the client-side router leads to a page of Latchkey, which it cannot draw.
    const { host, cookie } = Object.fromEntries(request.headers);
    const page = new Request(url, { headers: { ...(host && { host }), ...(cookie && { cookie }) } });
    const answered = await latchkey().handle(page);
    if (answered === null) return next();
    await answered.body?.cancel();
    return loaded(new Response(null, { status: 303, headers: { location: url.pathname + url.search } }));
  };
}

/**
 * Guards a route and those below it: `export const middleware = [loginRequired(latchkey)]`. Where it admits API tokens as
 * well, by `{ scope: 'notes:read' }`, who sent the request is in `context.get(access)`.
 */
export function loginRequired<Role extends string, Scope extends string>(
  create: () => Latchkey<Role, Scope>,
  options: AnyGuardOptions<NoInfer<Role>, NoInfer<Scope>> = {},
): ReactRouterMiddleware {
  const latchkey = onePerProcess(create);
  return async ({ request, url, context }, next) => {
    const page = { method: request.method, url: url.pathname + url.search, headers: request.headers };
    const entry = await latchkey().guard(page, options);
    if (!entry.ok) return isForData(request) ? loaded(entry.response) : entry.response;
    context.set(access, accessOf(entry));
    const { user, session } = entry;
    if (session !== null && !admitsTokens(options)) context.set(auth, { user, session });
    return withHeaders(await next(), (headers) => {
      for (const cookie of entry.headers.getSetCookie()) headers.append('set-cookie', cookie);
      keepFromCaches(request, headers);
    });
  };
}

/** Whether the client-side router requests the data of a page, in a format of its own. */
function isForData({ url }: Request): boolean {
  return new URL(url).pathname.endsWith('.data');
}

// A redirect inside of the client-side router would end on an empty page. What it cannot read, it takes as an error of
// the page, if it is thrown.
function loaded(response: Response): Response {
  if (!response.headers.has('location')) throw response;
  return withHeaders(response, (headers) => headers.set('x-remix-reload-document', 'true'));
}
