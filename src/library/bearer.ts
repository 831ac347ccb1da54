import type { AccountId } from '../auth/identifiers/ids.ts';
import type { RequestContext } from '../auth/request-context.ts';
import { type ApiToken, apiTokensService } from '../features/api-tokens/index.ts';
import { rolesService } from '../features/roles/index.ts';
import type { System } from '../latchkey.ts';
import { refusalHeaders } from '../platform/rate-limit/index.ts';
import type { From } from './client-address.ts';
import { type Entry, type GuardOptions, guardRequest } from './guard.ts';
import type { RequestLike } from './request-like.ts';
import type { SignedIn, User } from './user.ts';

/** Guards a route for API tokens, too. A session is admitted as without it, and is limited by no scope. */
export type TokenGuardOptions<Role extends string = string, Scope extends string = string> = Pick<
  GuardOptions<Role>,
  'role' | 'as' | 'from'
> & {
  /** A token is never fresh, and proves no second factor: a route that asks for one of them admits sessions alone. */
  readonly fresh?: undefined;
  readonly aal?: undefined;
} & (
    | {
        /** Admits API tokens with this scope; others get 403. */
        readonly scope: Scope;
      }
    | {
        /** Admits every API token, whatever its scopes. */
        readonly tokens: true;
      }
  );

/** A request with an API token that a guard admits. */
export type TokenEntry<Scope extends string = string> = {
  readonly ok: true;
  readonly user: User;
  /** A token has no session: it is no sign-in, and never fresh. */
  readonly session: null;
  readonly token: UsedToken<Scope>;
  /** For the response of the application: `Cache-Control: no-store`. */
  readonly headers: Headers;
};

export type UsedToken<Scope extends string = string> = {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
};

export type TokenRefusal = {
  readonly ok: false;
  readonly reason: 'invalid-token' | 'scope-missing' | 'role-missing' | 'too-many';
  readonly status: 401 | 403 | 429;
  /** The finished response. */
  readonly response: Response;
};

export type AnyEntry<Role extends string = string, Scope extends string = string> =
  | Entry<Role>
  | TokenEntry<Scope>
  | TokenRefusal;

/** With `scope` or `tokens`, a route admits API tokens as well as sessions. */
export type AnyGuardOptions<Role extends string = string, Scope extends string = string> =
  | GuardOptions<Role>
  | TokenGuardOptions<Role, Scope>;

/** Who is admitted to a route: a user with a session, or an API client with a token of one. The other one is null. */
export type Access<Role extends string = string, Scope extends string = string> =
  | (SignedIn<Role> & { readonly token: null })
  | Pick<TokenEntry<Scope>, 'user' | 'session' | 'token'>;

type RouteGuard = {
  (request: RequestLike, options?: GuardOptions): Promise<Entry>;
  (request: RequestLike, options: AnyGuardOptions): Promise<AnyEntry>;
};

/** @param ready settles when the database may be used */
export function createRouteGuard(
  system: System,
  ready: Promise<void>,
  contextOf: (request: RequestLike, from?: From) => RequestContext,
): RouteGuard {
  function guard(request: RequestLike, options?: GuardOptions): Promise<Entry>;
  function guard(request: RequestLike, options: AnyGuardOptions): Promise<AnyEntry>;
  async function guard(request: RequestLike, options: AnyGuardOptions = {}): Promise<AnyEntry> {
    await ready;
    return guardWithTokens(system, contextOf(request, options.from), options);
  }
  return guard;
}

/**
 * Decides about a request to a route of the application. A bearer token counts only where the route admits tokens; then
 * it alone decides, and a cookie beside it is ignored. No page sends one by itself, so the origin does not matter.
 * @throws {TypeError} when a route admits API tokens and there are none, or when it asks for what no token proves
 */
async function guardWithTokens(
  system: System,
  context: RequestContext,
  options: AnyGuardOptions,
): Promise<AnyEntry> {
  if (!admitsTokens(options)) return guardRequest(system, context, options);
  requireTokens(system);
  refuseUnprovable(options);
  const text = bearerToken(context.request);
  if (text !== null) return guardByToken(system, context, text, options);
  const { role, as, from } = options;
  const entry = await guardRequest(system, context, {
    ...(role !== undefined && { role }),
    ...(as !== undefined && { as }),
    ...(from !== undefined && { from }),
  });
  if (!entry.ok && entry.status === 401) entry.response.headers.append('www-authenticate', 'Bearer');
  return entry;
}

/** Whether a route admits API tokens beside sessions. */
export function admitsTokens<Role extends string, Scope extends string>(
  options: AnyGuardOptions<Role, Scope>,
): options is TokenGuardOptions<Role, Scope> {
  return (
    ('tokens' in options && options.tokens === true) || ('scope' in options && options.scope !== undefined)
  );
}

/** Who an admitted request comes from. */
export function accessOf<Role extends string, Scope extends string>(
  entry: AnyEntry<Role, Scope> & { readonly ok: true },
): Access<Role, Scope> {
  const { user, session, token } = entry;
  return session === null ? { user, session, token } : { user, session, token: null };
}

/** @throws {TypeError} */
export function requireTokens({ use }: Pick<System, 'use'>): void {
  if (!use(apiTokensService).isOn)
    throw new TypeError('there are no API tokens; give the option scopes, or apiTokens: true');
}

// Types let it pass in an object that is written elsewhere, and JavaScript always.
function refuseUnprovable({ fresh, aal }: { readonly fresh?: unknown; readonly aal?: unknown }): void {
  if (fresh !== undefined && fresh !== false)
    throw new TypeError('no API token is fresh: a route cannot have fresh beside scope or tokens');
  if (aal !== undefined)
    throw new TypeError(
      'no API token proves a second factor: a route cannot have aal beside scope or tokens',
    );
}

/** The token of a request; null without one. @see RFC 6750 §2.1 */
function bearerToken({ headers }: Request): string | null {
  const [, text] = /^Bearer(?: +(.*))?$/i.exec(headers.get('authorization') ?? '') ?? [null, null];
  return text === null ? null : (text ?? '').trim();
}

async function guardByToken(
  system: System,
  context: RequestContext,
  text: string,
  options: TokenGuardOptions,
): Promise<TokenEntry | TokenRefusal> {
  const { answers, clock } = system.core;
  const authenticated = await system.use(apiTokensService).authenticate(context, text);
  if (!authenticated.ok) {
    if (authenticated.reason === 'invalid-token')
      return refuse(system, 'invalid-token', 401, 'Bearer error="invalid_token"');
    const response = answers.problem(429, refusalHeaders(authenticated.refusal, clock()));
    return { ok: false, reason: 'too-many', status: 429, response };
  }
  const { user, token } = authenticated;
  const scope = 'scope' in options ? options.scope : undefined;
  if (scope !== undefined && !token.scopes.includes(scope))
    return refuse(system, 'scope-missing', 403, `Bearer error="insufficient_scope", scope="${scope}"`);
  if (!(await hasRole(system, user.id, options))) return refuse(system, 'role-missing', 403);
  const headers = new Headers({ 'cache-control': 'no-store' });
  return { ok: true, user, session: null, token: usedToken(token), headers };
}

/** The roles of a provider belong to a session; a token has those that the application gave its user. */
async function hasRole({ use }: System, id: AccountId, { role }: TokenGuardOptions): Promise<boolean> {
  if (role === undefined) return true;
  return (await use(rolesService).of([id])).get(id)?.includes(role) === true;
}

function usedToken({ id, name, scopes }: ApiToken): UsedToken {
  return { id, name, scopes };
}

/** @see RFC 6750 §3 */
function refuse(
  { core: { answers } }: System,
  reason: Exclude<TokenRefusal['reason'], 'too-many'>,
  status: 401 | 403,
  challenge?: string,
): TokenRefusal {
  const more = challenge === undefined ? {} : { 'www-authenticate': challenge };
  const response = answers.problem(status, more, { problems: [{ reason, field: null }] });
  return { ok: false, reason, status, response };
}
