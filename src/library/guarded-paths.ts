import { type Access, type AnyGuardOptions, accessOf, admitsTokens } from './bearer.ts';
import type { GuardOptions } from './guard.ts';
import type { Latchkey } from './mount.ts';
import type { RequestLike } from './request-like.ts';
import type { SignedIn } from './user.ts';

/** A path of the application with all below it, and what is asked of its users. */
export type GuardedPath<Role extends string = string, Scope extends string = string> =
  | string
  | (AnyGuardOptions<Role, Scope> & { readonly path: string });

/** What a request may do: answered already, or on behalf of a user, or of none. */
export type Admission<Role extends string = string, Scope extends string = string> =
  | { readonly ok: false; readonly response: Response }
  | {
      readonly ok: true;
      /** Null on paths that are not guarded, for requests that act for no user: signed out, or from a foreign page. */
      readonly auth: SignedIn<Role> | null;
      /** The same, and also an API client with a token on a path that admits them. */
      readonly access: Access<Role, Scope> | null;
      /** For the response of the application. */
      readonly cookies: readonly string[];
      readonly isGuarded: boolean;
    };

/** A request of which it does not matter who sent it. */
const ANONYMOUS = { ok: true, auth: null, access: null, cookies: [] } as const;

/**
 * Guards a request by its path. Each entry that matches has to admit it.
 * @param names what the request may be known by: its path, the path of its route
 */
export async function admitByPath<Role extends string, Scope extends string>(
  latchkey: () => Latchkey<Role, Scope>,
  request: RequestLike & { readonly headers: Headers },
  {
    names,
    paths,
    ...options
  }: Pick<GuardOptions, 'as' | 'from'> & {
    readonly names: readonly string[];
    readonly paths: readonly GuardedPath<NoInfer<Role>, NoInfer<Scope>>[];
  },
): Promise<Admission<Role, Scope>> {
  const rules = rulesFor(names, paths);
  const isGuarded = rules.length > 0;
  // Pages for everyone cost nothing before someone signs in.
  const isAnonymous = !request.headers.has('cookie') && !request.headers.has('authorization');
  if (!isGuarded && isAnonymous) return { ...ANONYMOUS, isGuarded };
  const cookies: string[] = [];
  let access: Access<Role, Scope> | null = null;
  for (const rule of isGuarded ? asksOf<Role, Scope>(rules) : [{}]) {
    const entry = await latchkey().guard(request, { ...options, ...rule });
    if (!entry.ok && isGuarded) return entry;
    cookies.push(...(entry.ok ? entry.headers : entry.response.headers).getSetCookie());
    access = entry.ok ? accessOf(entry) : null;
  }
  return { ok: true, auth: sessionOf(access), access, cookies, isGuarded };
}

// Where one of them admits no tokens, a token counts for none: the request must not be of one user here, of another there.
function asksOf<Role extends string, Scope extends string>(
  rules: readonly AnyGuardOptions<Role, Scope>[],
): readonly AnyGuardOptions<Role, Scope>[] {
  if (rules.every(admitsTokens)) return rules;
  return rules.map((rule) => {
    if (!admitsTokens(rule)) return rule;
    const { role, as, from } = rule;
    return { ...(role !== undefined && { role }), ...(as && { as }), ...(from && { from }) };
  });
}

function sessionOf<Role extends string>(access: Access<Role> | null): SignedIn<Role> | null {
  return access === null || access.session === null ? null : { user: access.user, session: access.session };
}

/** Whether a list guards what has these names. */
export function isGuarded(names: readonly string[], paths: readonly GuardedPath[]): boolean {
  return rulesFor(names, paths).length > 0;
}

function rulesFor<Role extends string, Scope extends string>(
  names: readonly string[],
  paths: readonly GuardedPath<Role, Scope>[],
) {
  return paths
    .map((entry) => (typeof entry === 'string' ? { path: entry } : entry))
    .filter(({ path }) => names.some((name) => isWithin(path, name)));
}

/** The user and session of a guarded route. It throws where the route is not guarded and the user is signed out. */
export function signedIn({ auth }: { readonly auth: SignedIn | null }): SignedIn {
  return auth ?? unguarded();
}

/** The same for a route that admits API tokens, too: `session` or `token` is null. */
export function admitted({ access }: { readonly access: Access | null }): Access {
  return access ?? unguarded();
}

function unguarded(): never {
  throw new Error('this route needs a user: name it in the list `guard` of the adapter');
}

// A path as it is matched by a catch-all route, in whatever way it is encoded.
function isWithin(path: string, name: string): boolean {
  if (!path.startsWith('/') || path.includes('*')) throw new TypeError(`${JSON.stringify(path)} ${NO_PATH}`);
  const [within, known] = [plain(`${path}/`), plain(`${name}/`)];
  return known.startsWith(within) || withoutOptional(known).startsWith(within);
}

// With a route `/[[language]]/notes` or `/[...language]/notes`, who guards `/notes` means `/de/notes`, too.
function withoutOptional(route: string): string {
  return route.replace(/\/\[(?:\[|\.{3})[^/]*\](?=\/[^/])/g, '');
}

const NO_PATH = 'guards nothing: a guarded path begins with / and has no *, and all below it is guarded';

// Some routers ignore case (React Router, Nuxt), and some decode what they can and leave the rest.
function plain(path: string): string {
  return path
    .replace(/(?:%[0-9a-f]{2})+/gi, decoded)
    .replace(/\/{2,}/g, '/')
    .toLowerCase();
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
