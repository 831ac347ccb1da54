import { FRESH_AUTHENTICATION_REQUIRED } from '../auth/guard.ts';
import { confirmPath, loginPath, paths } from '../auth/paths.ts';
import type { RequestContext } from '../auth/request-context.ts';
import type * as sessions from '../auth/sessions/session.ts';
import type { System } from '../latchkey.ts';
import {
  addCookies,
  isApiClient,
  originFault,
  originOf,
  RequestRefused,
  webEvents,
} from '../platform/web/index.ts';
import type { From } from './client-address.ts';
import { type SignedIn, signedInFrom } from './user.ts';

/** The problem for API clients whose session has shown one factor. */
const SECOND_FACTOR_REQUIRED = { problems: [{ reason: 'second-factor-required', field: null }] };

export type GuardOptions<Role extends string = string> = {
  /** Admits only users with this role; others get 403. */
  readonly role?: Role;
  /** Admits only users who have just authenticated; others are asked to do it again (`SESSION_FRESH`). */
  readonly fresh?: boolean;
  /** Admits only sessions in which a second factor was proven; others are shown how to add one. */
  readonly aal?: 2;
  /**
   * How a client is turned away: `page` redirects it to the login page, `api` answers 401 with problem+json. Without it,
   * paths below `/api/` and requests for JSON are of API clients.
   */
  readonly as?: 'page' | 'api';
  /** Where the request comes from, if it does not show it itself; kept with the session for its owner to see. */
  readonly from?: From;
  /** These admit API tokens as well: `TokenGuardOptions`. */
  readonly scope?: undefined;
  readonly tokens?: undefined;
};

export type Refusal =
  | 'signed-out'
  | 'not-fresh'
  | 'second-factor-missing'
  | 'role-missing'
  | 'cross-site'
  | 'no-origin';

/** What a guard decides. */
export type Entry<Role extends string = string> =
  | (SignedIn<Role> & {
      readonly ok: true;
      /** Of an API client with a token, where the route admits them. */
      readonly token: null;
      /** For the response of the application: the rotated session cookie, and `Cache-Control: no-store`. */
      readonly headers: Headers;
    })
  | {
      readonly ok: false;
      readonly reason: Refusal;
      readonly status: 303 | 401 | 403;
      /** The finished response. */
      readonly response: Response;
    };

/**
 * Decides about a request to a route of the application: finds its user, rotates the session token, and refuses unsafe
 * requests from pages of other origins, which `SameSite` alone does not stop within one site (A29).
 */
export async function guardRequest(
  system: System,
  context: RequestContext,
  options: GuardOptions,
): Promise<Entry> {
  const signedIn = await system.core.guard.signedIn(context);
  if (signedIn === null) return refuse(system, context, 'signed-out', options);
  context.signedIn = signedIn;
  const reason = refusalOf(system, context, signedIn, options);
  if (reason !== null) return refuse(system, context, reason, options);
  const headers = new Headers({ 'cache-control': 'no-store' });
  addCookies(context, headers);
  return { ok: true, ...signedInFrom(signedIn), token: null, headers };
}

async function refuse(
  system: System,
  context: RequestContext,
  reason: Refusal,
  options: GuardOptions,
): Promise<Entry> {
  const response = await answerRefusal(system, context, reason, options);
  addCookies(context, response.headers);
  return { ok: false, reason, status: statusOf(response), response };
}

function refusalOf(
  { core }: System,
  context: RequestContext,
  { session }: sessions.SignedIn,
  { role, fresh, aal }: GuardOptions,
): Refusal | null {
  const { request } = context;
  const { baseUrl, trustedOrigins } = core.settings;
  const fault =
    isSafeMethod(request) && !isUpgrade(request)
      ? null
      : originFault(request, baseUrl.origin, trustedOrigins);
  if (fault !== null) {
    core.announce(webEvents.requestRefused, { reason: fault }, originOf(context));
    return fault;
  }
  if (role !== undefined && !session.roles.includes(role)) return 'role-missing';
  if (aal === 2 && session.secondFactor === null) return 'second-factor-missing';
  return fresh === true && !core.guard.isFresh(session) ? 'not-fresh' : null;
}

/** Whether a request asks for something and changes nothing. @see RFC 9110 §9.2.1 */
export function isSafeMethod({ method }: Request): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

// A page of a sibling domain could open a WebSocket with the user's cookies; browsers send `Origin` with its handshake.
function isUpgrade({ headers }: Request): boolean {
  return headers.has('upgrade');
}

async function answerRefusal(
  { core: { answers, pages }, errors }: System,
  { request, signedIn }: RequestContext,
  reason: Refusal,
  { as = isApiClient(request) ? 'api' : 'page' }: GuardOptions,
): Promise<Response> {
  switch (reason) {
    case 'signed-out':
      return as === 'api' ? answers.problem(401) : pages.redirect(loginPath(request));
    case 'not-fresh':
      return as === 'api'
        ? answers.problem(401, {}, FRESH_AUTHENTICATION_REQUIRED)
        : pages.redirect(confirmPath(request));
    case 'second-factor-missing':
      if (as === 'api') return answers.problem(401, {}, SECOND_FACTOR_REQUIRED);
      // In a remembered browser, the user has one to show; others add one.
      return pages.redirect(
        signedIn?.session.isFactorRemembered === true ? confirmPath(request) : paths.security,
      );
    case 'role-missing':
      return errors.refuse(request, new RequestRefused(403), as);
    default:
      return errors.refuse(request, new RequestRefused(403, { formRefusal: reason }), as);
  }
}

function statusOf({ status }: Response): 303 | 401 | 403 {
  return status === 303 || status === 401 ? status : 403;
}
