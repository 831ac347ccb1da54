import type { Route } from '../auth/feature.ts';
import { FRESH_AUTHENTICATION_REQUIRED, type Guard } from '../auth/guard.ts';
import { confirmPath, loginPath } from '../auth/paths.ts';
import { isSignedIn, type RequestContext, userBinding } from '../auth/request-context.ts';
import type { SignedIn } from '../auth/sessions/session.ts';
import { sessionCookie } from '../auth/sessions/session-cookie.ts';
import type { Announce } from '../platform/events/index.ts';
import { Overloaded } from '../platform/runtime/index.ts';
import {
  type Answers,
  type Cookies,
  type Csrf,
  type Form,
  type FormRefusal,
  isApiClient,
  isHandle,
  type Locations,
  type MaybePromise,
  originFault,
  originOf,
  type Repeats,
  RequestRefused,
  type RunnableRoute,
  readForm,
  readJsonForm,
  type SentForm,
  submittedBinding,
  webCookies,
  webEvents,
} from '../platform/web/index.ts';

export type PipelineParts = {
  readonly origin: string;
  readonly basePath: string;
  readonly locations: Locations;
  readonly guard: Guard;
  readonly answers: Answers;
  readonly cookies: Cookies;
  readonly csrf: Csrf;
  readonly repeats: Repeats;
  readonly announce: Announce;
  /** Whether a password hash for this request would have to wait too long. */
  readonly isHashingFull: (route: Route, request: Request) => boolean;
  /** The page with the form of a route. */
  readonly pageOf: (route: GuardedRoute) => GuardedRoute;
};

type Run = (context: RequestContext) => MaybePromise<Response>;

/**
 * Makes routes runnable: what a route declares is checked here, in one order for all of them, before its handler runs.
 * @throws {Error} when a form has no page on which it can be drawn again
 */
export function createPipeline(
  parts: Omit<PipelineParts, 'pageOf'>,
  routes: readonly Route[],
): readonly RunnableRoute<RequestContext>[] {
  const all = { ...parts, pageOf: (route: GuardedRoute) => pageOf(routes, route) };
  return routes.map((route) => ({
    method: route.method,
    path: all.locations.ofRoute(route),
    isAnsweredAnywhere: route.access === 'open' && route.host === 'any',
    run: runnerOf(all, route),
  }));
}

/** capacity → origin → body → repeat → session → access → form token → the feature's own steps */
function runnerOf(parts: PipelineParts, route: Route): Run {
  if (route.access === 'open') return (context) => route.handle(context);
  if (isJson(route)) return (context) => receiveJson(parts, route, context);
  if (route.method === 'POST') parts.pageOf(route);
  const isHashing = route.limit !== 'none';
  const { signedIn, signedInWithoutAnswer } = parts.guard;
  const find = keepsToken(route) ? signedInWithoutAnswer : signedIn;
  return (context) => {
    if (isHashing && parts.isHashingFull(route, context.request)) throw new Overloaded();
    if (route.method === 'POST') return receive(parts, route, context);
    const found = find(context);
    return found instanceof Promise
      ? found.then((who) => enter(parts, route, context, who, null))
      : enter(parts, route, context, found, null);
  };
}

/** @throws {Error} where a form could not be drawn again when it has become stale */
function pageOf(routes: readonly Route[], route: GuardedRoute): GuardedRoute {
  const path = ('page' in route ? route.page : undefined) ?? route.path;
  const page = routes.find((one) => one.method === 'GET' && one.path === path);
  if (page === undefined || page.access === 'open') throw new Error(`no page has the form of ${route.path}`);
  return page;
}

function keepsToken(route: GuardedRoute): boolean {
  return 'keepsToken' in route && route.keepsToken === true;
}

/**
 * The same for a request of JSON. It needs no form token: a page of another origin cannot send JSON without being asked
 * (CORS), and what a browser sends with cookies has to name our origin (A29).
 */
async function receiveJson(
  parts: PipelineParts,
  route: JsonRoute,
  context: RequestContext,
): Promise<Response> {
  const { request } = context;
  if (route.limit !== 'none' && parts.isHashingFull(route, request)) throw new Overloaded();
  const fault = originFault(request, parts.origin);
  const isForeign = fault === 'cross-site' || (fault === 'no-origin' && request.headers.has('cookie'));
  if (isForeign) throw refused(parts, context, fault);
  const form = await readUnconsumed(request, readJsonForm);
  if (typeof form === 'string') throw refused(parts, context, form);
  context.messages = [];
  const flow = form.text('flow');
  context.flow = isHandle(flow) ? flow : '';
  context.sentToken = form.text('token') || null;
  const work = async () => {
    context.signedIn = await parts.guard.signedIn(context);
    const refusal = accessProblem(parts, route, context);
    return refusal ?? route.handle({ context, form });
  };
  const key = request.headers.get('idempotency-key');
  if (key === null) return work();
  if (!IDEMPOTENCY_KEY.test(key)) throw new RequestRefused(400);
  const what = ['json', route.path, key, form.body];
  return parts.repeats.once(context, { parts: what, browser: shownBy(parts, request) }, work);
}

/**
 * A random text of the client, the same when it sends a request again whose response was lost. Path and body do not
 * suffice: clients without cookies may send equal ones.
 * @see draft-ietf-httpapi-idempotency-key-header-06 §2.1
 */
const IDEMPOTENCY_KEY = /^"?[\w-]{16,128}"?$/;

/** What only the browser of a request sends. */
function shownBy({ cookies }: PipelineParts, request: Request): string {
  return JSON.stringify([sessionCookie, webCookies.visitor].map((cookie) => cookies.read(request, cookie)));
}

function accessProblem(
  parts: PipelineParts,
  { access }: JsonRoute,
  context: RequestContext,
): Response | null {
  if (access === 'public') return null;
  if (!isSignedIn(context)) return parts.answers.problem(401);
  if (access === 'signed-in' || parts.guard.isFresh(context.signedIn.session)) return null;
  return parts.answers.problem(401, {}, FRESH_AUTHENTICATION_REQUIRED);
}

// The session is looked up after the whole form was received: otherwise a client that holds back its end could act half a
// minute later, in a session that was ended meanwhile (A10).
async function receive(
  parts: PipelineParts,
  route: GuardedRoute,
  context: RequestContext,
): Promise<Response> {
  const form = await readOwnForm(context.request, parts.origin);
  const work = async () => enter(parts, route, context, await parts.guard.signedIn(context), form);
  if (typeof form === 'string' || !parts.csrf.isOurs(form.text('csrf'))) return work();
  const what = ['form', route.path, form.body];
  return parts.repeats.once(context, { parts: what, browser: shownBy(parts, context.request) }, work);
}

async function readOwnForm(request: Request, origin: string): Promise<SentForm | FormRefusal> {
  return originFault(request, origin) ?? readUnconsumed(request, readForm);
}

/** Reads a body, unless the application has read it before, such as by a parser in front of every route. */
async function readUnconsumed(
  request: Request,
  read: (request: Request) => Promise<SentForm>,
): Promise<SentForm | 'body-consumed'> {
  if (request.bodyUsed || request.body?.locked === true) return 'body-consumed';
  const form = await read(request);
  return form.body === '' && isBodyAnnounced(request) ? 'body-consumed' : form;
}

// HTTP/2 and chunks have no length; a request without a body has no type either.
function isBodyAnnounced({ headers }: Request): boolean {
  const length = headers.get('content-length');
  return length === null ? headers.has('content-type') : Number(length) > 0;
}

/** @param form why it is refused, where it is; null where none was sent */
function enter(
  parts: PipelineParts,
  route: GuardedRoute,
  context: RequestContext,
  who: SignedIn | null,
  form: Form | FormRefusal | null,
): MaybePromise<Response> {
  context.signedIn = who;
  if (route.access !== 'public') {
    if (!isSignedIn(context)) return sendAway(parts, context.request, loginPath);
    const isStale = route.access === 'fresh' && !parts.guard.isFresh(context.signedIn.session);
    if (isStale) return sendAway(parts, context.request, confirmPath);
    return route.method === 'GET' ? route.handle(context) : submit(parts, route, context, form, route.handle);
  }
  return route.method === 'GET' ? route.handle(context) : submit(parts, route, context, form, route.handle);
}

type JsonRoute = Extract<Route, { body: 'json' }>;
type GuardedRoute = Exclude<Route, { access: 'open' } | JsonRoute>;

function isJson(route: Exclude<Route, { access: 'open' }>): route is JsonRoute {
  return 'body' in route;
}

function sendAway(
  { answers, locations, basePath }: PipelineParts,
  request: Request,
  pathFor: (request: Request) => string,
): Response {
  return isApiClient(request, basePath)
    ? answers.problem(401)
    : answers.redirect(locations.of(pathFor(request)));
}

function submit<Context extends RequestContext>(
  parts: PipelineParts,
  route: GuardedRoute,
  context: Context,
  form: Form | FormRefusal | null,
  handle: (submission: { context: Context; form: Form }) => MaybePromise<Response>,
): MaybePromise<Response> {
  if (typeof form === 'string') throw refused(parts, context, form);
  const token = form?.text('csrf') ?? '';
  if (form === null || !parts.csrf.isOurs(token)) throw refused(parts, context, 'forged-form');
  context.flow = parts.csrf.flowOf(token);
  const binding = submittedBinding(context, parts.cookies, userBinding(context));
  if (binding !== null && parts.csrf.isValid(binding, token)) return handle({ context, form });
  return answerStale(parts, route, context, form);
}

/**
 * A form of ours that was drawn for another session or visitor, because the user has signed in or out in another tab.
 * It does nothing; its page is drawn again with what was entered, or redirects if the user is signed in by now (A61).
 */
function answerStale(
  parts: PipelineParts,
  route: GuardedRoute,
  context: RequestContext,
  form: Form,
): MaybePromise<Response> {
  parts.announce(webEvents.requestRefused, { reason: 'stale-form' }, originOf(context));
  if (isApiClient(context.request, parts.basePath)) return parts.answers.problem(403);
  context.typed = form;
  return enter(parts, parts.pageOf(route), context, context.signedIn, null);
}

function refused({ announce }: PipelineParts, context: RequestContext, reason: FormRefusal): RequestRefused {
  announce(webEvents.requestRefused, { reason }, originOf(context));
  return new RequestRefused(403, { formRefusal: reason });
}
