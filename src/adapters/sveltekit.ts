import type { Access, From, Latchkey, SignedIn } from '../index.ts';
import { admittedResponse } from '../library/admitted-response.ts';
import { admitByPath, type GuardedPath, isGuarded } from '../library/guarded-paths.ts';
import { onePerProcess } from '../library/one-per-process.ts';

export { admitted, signedIn } from '../library/guarded-paths.ts';
export type { GuardedPath };

declare global {
  namespace App {
    interface Locals {
      /** Set by `latchkeyHandle`: the user on whose behalf a request acts; null if there is none. */
      auth: SignedIn | null;
      /** The same, and also an API client with a token on a path that admits them: `session` or `token` is null. */
      access: Access | null;
    }
  }
}

/** What the hook uses of SvelteKit's event. */
type Event = {
  readonly request: Request;
  readonly url: URL;
  readonly route: { readonly id: string | null };
  readonly locals: object;
  readonly isRemoteRequest?: boolean;
  readonly getClientAddress: () => string;
};

export type SvelteKitOptions<Role extends string = string, Scope extends string = string> = {
  /**
   * The guarded pages and endpoints, with all below them: by path (`/notes`), by route (`/notes/[id]`) or by group
   * (`/(members)`). Remote functions name their page themselves and can lie: they call `signedIn`.
   */
  readonly guard?: readonly GuardedPath<Role, Scope>[];
};

/** SvelteKit's hook `handle`. */
export type SvelteKitHandle = <E extends Event>(input: {
  readonly event: E;
  readonly resolve: (event: E) => Response | Promise<Response>;
}) => Promise<Response>;

/**
 * Answers Latchkey's own paths, guards routes, and leaves the user and session in `event.locals.auth`; in
 * `hooks.server.ts`: `export const handle = latchkeyHandle(latchkey, { guard: ['/notes', '/api'] })`.
 */
export function latchkeyHandle<Role extends string, Scope extends string>(
  create: () => Latchkey<Role, Scope>,
  { guard = [] }: SvelteKitOptions<NoInfer<Role>, NoInfer<Scope>> = {},
): SvelteKitHandle {
  const latchkey = onePerProcess(create);
  return async ({ event, resolve }) => {
    const { request, url, locals } = event;
    const from = addressOf(event);
    if (from === undefined && !request.headers.has('host')) {
      // SvelteKit prerenders a page: no client has sent this.
      if (isGuarded(namesOf(event), guard)) throw new Error(PRERENDERED);
      Object.assign(locals, { auth: null, access: null });
      return resolve(event);
    }
    const answered = await latchkey().handle(request, from);
    if (answered !== null) return answered;
    // The path of a page, also where its data alone is requested.
    const page = { method: request.method, url: url.pathname + url.search, headers: request.headers };
    const admission = await admitByPath(latchkey, page, {
      names: namesOf(event),
      paths: guard,
      ...(from !== undefined && { from }),
      ...(event.isRemoteRequest === true && { as: 'api' }),
      ...(isEnhanced(request) && { as: 'page' }),
    });
    if (!admission.ok) return refusal(request, admission.response);
    Object.assign(locals, { auth: admission.auth, access: admission.access });
    return admittedResponse(request, await resolve(event), admission);
  };
}

function addressOf({ getClientAddress }: Event): From | undefined {
  try {
    return { address: getClientAddress() };
  } catch {
    return undefined;
  }
}

// `reroute` gives a route other paths; a catch-all route has paths that no route names.
function namesOf({ url, route: { id } }: Event): readonly string[] {
  return id === null ? [url.pathname] : [url.pathname, id, id.replace(/\/\([^/]+\)/g, '') || '/'];
}

// `use:enhance` sends a form by a script, which would follow a redirect and find no result.
function isEnhanced({ headers }: Request): boolean {
  return headers.has('x-sveltekit-action');
}

function refusal(request: Request, response: Response): Response {
  const location = response.headers.get('location');
  if (location === null || !isEnhanced(request)) return response;
  const headers = new Headers(response.headers);
  headers.delete('location');
  headers.set('content-type', 'application/json');
  return Response.json({ type: 'redirect', status: 303, location }, { headers });
}

const PRERENDERED =
  'a guarded page is prerendered, and would be served to everyone: give it `export const prerender = false`';
