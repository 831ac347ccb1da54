import { safeNextPath } from './next-path.ts';

/**
 * Where the pages lie on their origin, and what comes after them. Features write paths as their routes declare them; what
 * a browser requests lies below `basePath`. A next path is of the application as much as of Latchkey, and is always as a
 * browser requests it.
 */
export type Locations = {
  /** The path at which the router takes a route. */
  readonly ofRoute: (route: MountedRoute) => `/${string}`;
  /** What a `Location` header says: a path of ours below `basePath`; what leads elsewhere stays as it is. */
  readonly of: (path: string) => string;
  /** The address of a page of ours, such as for a mail. */
  readonly url: (path: string) => URL;
  /** Reads a next path that a client sent. @returns null when it leads neither to this origin nor to a trusted one (A27) */
  readonly readNext: (text: string | null) => string | null;
  /** Where a next path leads, and without one the home page: for redirects and links. */
  readonly onward: (next: string | null) => string;
};

/** Where the pages lie: below `basePath`, which is empty or begins with a slash, on an origin. */
export type Mount = { readonly baseUrl: URL; readonly basePath: string };

export type LocationSettings = Mount & {
  readonly trustedOrigins: readonly string[];
};

type MountedRoute = { readonly path: `/${string}`; readonly isOfSite?: true };

/** @param home the page where users begin: a path of ours, or what `onward` makes of a next path */
export function createLocations(settings: LocationSettings, home: string): Locations {
  const { baseUrl, basePath, trustedOrigins } = settings;
  const { origin } = baseUrl;
  const of = (path: string) => {
    if (path.startsWith('/')) return basePath + path;
    return path.startsWith(`${origin}/`) ? path.slice(origin.length) : path;
  };
  return {
    ofRoute: (route) => mountedAt(route, basePath),
    of,
    url: (path) => pageUrl(path, settings),
    readNext: (text) => safeNextPath(text, origin, trustedOrigins),
    onward: (next) => (next === null ? home : onwardPath(next, settings)),
  };
}

/** The address of a page of ours, such as for a mail or a link that a command prints. */
export function pageUrl(path: string, { baseUrl, basePath }: Mount): URL {
  return new URL(basePath + path, baseUrl);
}

/** A next path as redirects and links write it: one outside of `basePath` with its origin, so that it is not moved below. */
export function onwardPath(next: string, { baseUrl, basePath }: Mount): string {
  if (basePath === '' || !next.startsWith('/')) return next;
  const isOurs = next.startsWith(basePath) && /^(?:$|[/?#])/.test(next.slice(basePath.length));
  if (!isOurs) return baseUrl.origin + next;
  const rest = next.slice(basePath.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

// What each site has once lies at its root, where browsers, crawlers and load balancers look for it (RFC 8615); the bare
// address is that of the application.
function mountedAt({ path, isOfSite }: MountedRoute, basePath: string): `/${string}` {
  if (basePath === '') return path;
  if (path === '/') return `/${basePath.slice(1)}`;
  const isAtRoot = isOfSite === true || path.startsWith('/.well-known/');
  return isAtRoot ? path : `/${basePath.slice(1)}${path}`;
}
