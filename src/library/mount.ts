import { paths } from '../auth/paths.ts';
import { isSignedIn, type RequestContext, sessionBinding } from '../auth/request-context.ts';
import type { System } from '../latchkey.ts';
import type { Metrics } from '../platform/observability/index.ts';
import { DatabaseStartError, isMemoryDatabase } from '../platform/sql/index.ts';
import { addCookies } from '../platform/web/index.ts';
import type { ProviderToken } from '../read-settings.ts';
import { type AnyEntry, type AnyGuardOptions, createRouteGuard } from './bearer.ts';
import { type Connection, createPeers, type FindClientAddress, type From } from './client-address.ts';
import { watchConnections } from './connection.ts';
import { type Entry, type GuardOptions, guardRequest, isSafeMethod } from './guard.ts';
import { type HonoMiddleware, honoMiddleware } from './hono-middleware.ts';
import { countInstance } from './open-instances.ts';
import { isHeaders, type RequestLike, toRequest, withSentHost } from './request-like.ts';
import { createTokens, type Tokens } from './tokens.ts';
import { type Session, type SignedIn, signedInFrom, type User } from './user.ts';
import { createUsers, type Users } from './users.ts';

/** A login system to mount in an application. `Role` is each of its `roles`, `Scope` each of its `scopes`. */
export type Latchkey<Role extends string = string, Scope extends string = string> = {
  /**
   * Answers every page and route of Latchkey, and 404 for all else. The second argument is what a server knows of the
   * connection, as `From` or as Hono, Bun and Deno pass it on.
   * @throws {ClientAddressError} on `https:`, for an unsafe request when nothing shows the address of the client
   */
  readonly fetch: (request: Request, environment?: unknown) => Promise<Response>;
  /**
   * Answers Latchkey's own paths, and returns null for all others, so that the router and the 404 page of the application
   * go on. What each site has once stays with the application: `/`, `/favicon.ico`, `/robots.txt`, `/healthz`, `/readyz`.
   * @throws {ClientAddressError} on `https:`, when nothing shows the address of the client
   */
  readonly handle: (request: Request, from?: From) => Promise<Response | null>;
  /**
   * Guards a route of the application: finds the user, rotates the session token, refuses unsafe requests from pages of
   * other origins, and checks role and fresh authentication.
   */
  guard(request: RequestLike, options?: GuardOptions<Role>): Promise<Entry<Role>>;
  /** The same for a route that admits API tokens, too: `{ scope: 'notes:read' }` or `{ tokens: true }`. */
  guard(request: RequestLike, options: AnyGuardOptions<Role, Scope>): Promise<AnyEntry<Role, Scope>>;
  /**
   * The signed-in user and session of a request, or null. Give it the headers of your answer, and the session's cookie
   * is replaced in them when its time has come, and kept from caches then; without them it stays as it is.
   */
  readonly session: (request: RequestLike | Headers, answer?: Headers) => Promise<SignedIn<Role> | null>;
  /**
   * Ends the session of a request, whichever page sent it: call it in a route that `guard` protects.
   * @returns the headers of the redirect that completes it: the cookies, and in `location` the login page, or the page of
   *   the identity provider that signs the user out there too
   */
  readonly signOut: (request: RequestLike | Headers) => Promise<Headers>;
  /** Hono middleware: guards a route, and leaves `user` and `session` in its context. */
  readonly loginRequired: HonoMiddleware;
  /** The same for users with a role, which the application gives or their identity provider asserts; others get 403. */
  roleRequired(role: Role): HonoMiddleware;
  /** Finds, lists, creates and changes users. */
  readonly users: Users<Role>;
  /** Creates, lists and revokes the API tokens of users. */
  readonly tokens: Tokens<Scope>;
  /**
   * A token for calls to an identity provider on behalf of a user, valid for at least a minute; null if the user has not
   * linked the provider or the provider no longer accepts the tokens. Rejects with a `RangeError` for a provider whose
   * tokens are not kept (`OIDC_<NAME>_TOKENS`), and with a `ProviderUnavailableError` if the provider does not respond.
   */
  readonly providerToken: (user: Pick<User, 'id'>, provider: string) => Promise<ProviderToken | null>;
  /** The token for the hidden field `csrf` of a form of yours that posts to a page of ours, such as /logout. */
  readonly csrfToken: (session: Pick<Session, 'id'>) => string;
  /**
   * What Latchkey has counted and measured, in Prometheus' text format (`text/plain; version=0.0.4`); its names begin
   * with `latchkey_`. Show it to your Prometheus only.
   */
  readonly metrics: () => Promise<string>;
  /**
   * Settles when the database is ready, and rejects when it cannot be. Until then `fetch` and `session` wait; after a
   * failure `fetch` answers 503 and `session` rejects.
   */
  readonly ready: Promise<void>;
  /** Closes the database and ends the hashing threads. */
  readonly close: () => Promise<void>;
};

export type MountParts = {
  readonly metrics: Metrics;
  readonly clientAddress: FindClientAddress | undefined;
  /** Whether the database is that of a pool of the application. */
  readonly hasPool: boolean;
};

/** Gives a composed system its outward form. */
export function mount(system: System, { metrics, clientAddress, hasPool }: MountParts): Latchkey {
  watchConnections();
  const ready = prepare(system);
  const { baseUrl } = system.core.settings;
  const peers = createPeers({
    clientAddress,
    isRequired: baseUrl.protocol === 'https:',
    warn: (explanation) => system.core.log.warn({ event: 'client-address-missing', explanation }),
  });
  const serve = createServe(system, ready);
  const countClosed = countOpen(system, hasPool);
  const watchPrefix = createPrefixWatch(system);
  const contextOf = (like: RequestLike | Headers, given?: unknown) => {
    const request = isHeaders(like)
      ? new Request(baseUrl, { headers: like })
      : toRequest(like, baseUrl.origin);
    return system.contextOf(request, peers.find(request, given ?? like));
  };
  const middleware = (options: GuardOptions = {}) =>
    honoMiddleware(async (request, given) => {
      await ready;
      return guardRequest(system, contextOf(request, given), options);
    }, options);
  return {
    // The attempts that limits count are forms; who only reads a page may come from anywhere.
    fetch: (request, environment) => {
      watchPrefix(request);
      return serve(request, () => peers[isSafeMethod(request) ? 'find' : 'require'](request, environment));
    },
    handle: async (request, from) => {
      if (!system.owns(request)) return null;
      const connection = peers.require(request, from);
      return serve(request, () => connection);
    },
    guard: createRouteGuard(system, ready, contextOf),
    session: async (request, answer) => {
      await ready;
      return readSession(system, contextOf(request), answer);
    },
    signOut: async (request) => {
      await ready;
      return signOut(system, contextOf(request));
    },
    csrfToken: ({ id }) => system.csrf.token(sessionBinding({ id })),
    loginRequired: middleware(),
    roleRequired: (role) => middleware({ role }),
    users: createUsers(system, ready),
    tokens: createTokens(system, ready),
    providerToken: async ({ id }, provider) => {
      await ready;
      return system.providerToken(id, provider);
    },
    metrics: metrics.text,
    ready,
    close: async () => {
      countClosed();
      await ready.catch(() => {});
      await system.close();
    },
  };
}

/** @returns a function that says that the system is closed */
function countOpen({ core: { settings, log } }: System, hasPool: boolean): () => void {
  const { databaseUrl, databaseOptions } = settings;
  const name = JSON.stringify([databaseUrl, databaseOptions.schema, databaseOptions.tablePrefix]);
  return countInstance({
    // Which database a pool connects to is not known, and one in memory is of its instance alone.
    database: hasPool || isMemoryDatabase(databaseUrl) ? null : name,
    warn: (problem) => log.warn({ event: 'instances-open', ...problem }),
  });
}

/** Warns once of a router that has removed the base path from the requests that it passes on. */
function createPrefixWatch({ owns, core }: System): (request: Request) => void {
  const { basePath } = core.settings;
  let isWarned = basePath === '';
  return (request) => {
    if (isWarned || owns(request)) return;
    const { origin, pathname } = new URL(request.url);
    if (pathname === '/' || !owns({ url: origin + basePath + pathname })) return;
    isWarned = true;
    const explanation = `a router has removed ${basePath} from the path; mount Latchkey at the root, where requests keep their whole path`;
    core.log.warn({ event: 'base-path-removed', explanation });
  };
}

async function prepare(system: System): Promise<void> {
  try {
    await system.prepare();
    system.startWork();
  } catch (error) {
    const problem = error instanceof DatabaseStartError ? error.message : 'the database cannot be prepared';
    system.core.log.error({ event: 'start-failed', problem });
    throw error;
  }
}

function createServe(system: System, ready: Promise<void>) {
  const isReady = ready.then(
    () => true,
    () => false,
  );
  return async (request: Request, connectionOf: () => Connection): Promise<Response> => {
    if (!(await isReady)) return system.errors.unavailable(request);
    const connection = connectionOf();
    return system.handle(withSentHost(request), connection);
  };
}

async function readSession(
  { core: { guard } }: System,
  context: RequestContext,
  answer: Headers | undefined,
): Promise<SignedIn | null> {
  const find = answer === undefined ? guard.signedInWithoutAnswer : guard.signedIn;
  const signedIn = await find(context);
  if (answer !== undefined) {
    addCookies(context, answer);
    if (context.hasCookies) answer.set('cache-control', 'no-store');
  }
  return signedIn === null ? null : signedInFrom(signedIn);
}

async function signOut(system: System, context: RequestContext): Promise<Headers> {
  const { core } = system;
  context.signedIn = await core.guard.signedIn(context);
  const { locations } = core;
  const headers = new Headers({ 'cache-control': 'no-store', location: locations.of(paths.login) });
  if (isSignedIn(context)) {
    const { next, headers: more, data } = await system.signOut(context);
    for (const [name, value] of Object.entries(more ?? {})) headers.set(name, value);
    headers.set('location', data.signOutUrl ?? locations.of(next));
  }
  addCookies(context, headers);
  return headers;
}
