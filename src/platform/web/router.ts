import { Hono } from 'hono';
import type { Observer } from '../../auth/events.ts';
import type { Route } from '../../auth/feature.ts';
import type { Guard } from '../../auth/guard.ts';
import type { SignedIn } from '../../auth/sessions/session.ts';
import type { WatchRoute } from '../observability/metrics/requests.ts';
import { Overloaded } from '../runtime/limits.ts';
import { trimmedEnd } from '../runtime/trimming.ts';
import type { Answers } from './answers.ts';
import {
  addCookies,
  type ContextParts,
  originOf,
  type RequestContext,
  requestContext,
  type SignedInContext,
} from './context.ts';
import type { Cookies } from './cookies.ts';
import { type Csrf, type FormRefusal, originFault } from './csrf.ts';
import type { ErrorAnswers } from './errors.ts';
import { type Form, readForm, type SentForm } from './form.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { OwnHost } from './own-host.ts';
import { submittedBinding } from './page-answers.ts';
import { RequestRefused } from './problems.ts';
import type { Repeats } from './repeats/repeats.ts';
import { confirmPath, isProgram, loginPath } from './turned-away.ts';

/** The longest address that is read, in characters; browsers and proxies agree on about this. */
const MAXIMUM_URL_LENGTH = 8_000;

// RFC 1035 §2.3.4
const LONGEST_HOST = 255;

export type Handler = (request: Request, environment?: unknown) => MaybePromise<Response>;

export type RouterParts = ContextParts & {
  readonly origin: string;
  readonly isOwnHost: OwnHost;
  readonly guard: Guard;
  readonly answers: Answers;
  readonly errors: ErrorAnswers;
  readonly cookies: Cookies;
  readonly csrf: Csrf;
  readonly repeats: Repeats;
  readonly announce: Observer;
  /** Whether a password hash for this request would have to wait too long. */
  readonly isHashingFull: (route: Route, request: Request) => boolean;
  /** Gives the handler that stands for a route, or, with null, for what no route takes. */
  readonly watchRoute: WatchRoute;
};

type RunnerParts = RouterParts & {
  /** The page on which the form of a route stands. */
  readonly pageOf: (route: GuardedRoute) => GuardedRoute;
};

/** Turns declared routes into one handler. What a route asks for is decided here, once, at construction. */
export function createRouter(parts: RouterParts, routes: readonly Route[]): Handler {
  const { isOwnHost, watchRoute, errors } = parts;
  const app = new Hono({ getPath: pathAsSent });
  for (const route of routes) {
    const run = runner({ ...parts, pageOf: (given) => pageOf(routes, given) }, route);
    const handle = watchRoute(route, (request, environment) =>
      answer(parts, requestContext(request, environment, parts), run),
    );
    app.on(route.method, route.path, ({ req, env }) => handle(req.raw, env));
  }
  const refusals = refusingRouter(parts, routes);
  const refuseUnknown = watchRoute(null, (request) => refusals.fetch(request));
  app.notFound(({ req }) => refuseUnknown(req.raw));
  const isAnsweredAnywhere = answeredAnywhere(routes);
  const refuseMisdirected = watchRoute(null, (request, environment) =>
    misdirected(parts, requestContext(request, environment, parts)),
  );
  const refuseTooLong = watchRoute(null, (request) => errors.refuse(request, new RequestRefused(414)));
  return (request, environment) => {
    if (!isOwnHost(request.url) && !isAnsweredAnywhere(request))
      return refuseMisdirected(request, environment);
    if (request.url.length > MAXIMUM_URL_LENGTH) return refuseTooLong(request);
    return app.fetch(request, environment ?? {});
  };
}

/** Which requests are answered whatever host they name. */
function answeredAnywhere(routes: readonly Route[]): (request: Request) => boolean {
  const found = routes.filter((route) => route.access === 'open' && route.host === 'any');
  const open = new Set<string>(found.map(({ path }) => path));
  return ({ url, method }) => (method === 'GET' || method === 'HEAD') && open.has(pathAsSent({ url }));
}

/**
 * The path as it was sent. Decoded it would let a page be asked for under several spellings, and whoever counts or
 * refuses by path on the way, such as a proxy, sees the spelling alone (A08).
 */
function pathAsSent({ url }: Pick<Request, 'url'>): string {
  const start = url.indexOf('/', 'https://'.length);
  let end = start;
  while (end < url.length && url[end] !== '?' && url[end] !== '#') end += 1;
  return url.slice(start, end);
}

// RFC 9110 §15.5.20; what follows from a name that is not ours, such as where a link leads, must not be asked here.
function misdirected({ errors, announce, origin }: RouterParts, context: RequestContext): Promise<Response> {
  const seen = (URL.parse(context.request.url)?.host ?? '').slice(0, LONGEST_HOST);
  const expected = new URL(origin).host;
  announce({ type: 'request-refused', reason: 'wrong-host', seen, expected }, originOf(context));
  return errors.refuse(context.request, new RequestRefused(421));
}

/**
 * Answers what no route takes: 405 where another method would do, else 404. It is a router of its own, because a
 * path with one single handler is answered at once, without the promises that several in a row cost.
 */
function refusingRouter({ errors, answers }: RouterParts, routes: readonly Route[]): Hono {
  const app = new Hono({ getPath: pathAsSent });
  for (const path of new Set(routes.map((route) => route.path))) {
    const allow = allowedMethods(routes, path);
    app.all(path, ({ req }) => errors.refuse(req.raw, new RequestRefused(405, { allow })));
  }
  const isPage = knownPages(routes);
  app.notFound(({ req: { raw: request } }) => {
    const sent = pathAsSent(request);
    const path = trimmedEnd(sent, '/');
    const isSafe = request.method === 'GET' || request.method === 'HEAD';
    return isSafe && path !== sent && isPage(path)
      ? answers.moved(path + new URL(request.url).search)
      : errors.refuse(request, new RequestRefused(404));
  });
  return app;
}

/** Whether a path leads to a page, as the routes write it. What is sent to a second spelling is not acted on (A08). */
function knownPages(routes: readonly Route[]): (path: string) => boolean {
  const patterns = routes
    .filter(({ method }) => method === 'GET')
    .map(({ path }) => path.replaceAll('.', '\\.').replace(/:\w+/g, '[\\w-]+'));
  const known = new RegExp(`^(?:${patterns.join('|')})$`);
  return (path) => known.test(path);
}

type Run = (context: RequestContext) => MaybePromise<Response>;

function answer({ errors }: RouterParts, context: RequestContext, run: Run): MaybePromise<Response> {
  const fail = async (error: unknown) => withCookies(context, await errors.fromException(context, error));
  try {
    const response = run(context);
    return response instanceof Promise
      ? response.then((later) => withCookies(context, later)).catch(fail)
      : withCookies(context, response);
  } catch (error) {
    return fail(error);
  }
}

// Here and not where answers are made, so that every answer carries them, of whatever kind: one that did not would
// lose the token that takes the place of the one shown.
function withCookies(context: RequestContext, response: Response): Response {
  if (!context.hasCookies) return response;
  addCookies(context, response.headers);
  return response;
}

/** limit → parse → who asks → access → prove → the feature's own steps */
function runner(parts: RunnerParts, route: Route): Run {
  if (route.access === 'open') return (context) => route.handle(context);
  if (route.method === 'POST') parts.pageOf(route);
  const isHashing = route.limit === 'hashing';
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

// Who asks is found out when all of the form is there: else whoever keeps the end of it back could act half a minute
// later, in a session that was ended meanwhile (A10).
async function receive(parts: RunnerParts, route: GuardedRoute, context: RequestContext): Promise<Response> {
  const form = await readOwnForm(context.request, parts.origin);
  const work = async () => enter(parts, route, context, await parts.guard.signedIn(context), form);
  if (typeof form === 'string' || !parts.csrf.isOurs(form.text('csrf'))) return work();
  const shown = ['session', 'visitor'] as const;
  const browser = JSON.stringify(shown.map((name) => parts.cookies.read(context.request, name)));
  return parts.repeats.once(context, { parts: ['form', route.path, form.body], browser }, work);
}

async function readOwnForm(request: Request, origin: string): Promise<SentForm | FormRefusal> {
  const fault = originFault(request, origin);
  if (fault !== null) return fault;
  if (request.bodyUsed) return 'body-consumed';
  const form = await readForm(request);
  // An application that mounts this may have read the body before, such as by a parser in front of every route.
  const isAnnounced = Number(request.headers.get('content-length')) > 0;
  return form.isEmpty && isAnnounced ? 'body-consumed' : form;
}

/** @param form why it is refused, where it is; null where none was sent */
function enter(
  parts: RunnerParts,
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

type GuardedRoute = Exclude<Route, { access: 'open' }>;

function isSignedIn(context: RequestContext): context is SignedInContext {
  return context.signedIn !== null;
}

function sendAway(
  { answers }: RouterParts,
  request: Request,
  pathFor: (request: Request) => string,
): Response {
  return isProgram(request) ? answers.problem(401) : answers.redirect(pathFor(request));
}

function submit<Context extends RequestContext>(
  parts: RunnerParts,
  route: GuardedRoute,
  context: Context,
  form: Form | FormRefusal | null,
  handle: (submission: { context: Context; form: Form }) => MaybePromise<Response>,
): MaybePromise<Response> {
  if (typeof form === 'string') throw refused(parts, context, form);
  const token = form?.text('csrf') ?? '';
  if (form === null || !parts.csrf.isOurs(token)) throw refused(parts, context, 'forged-form');
  context.flow = parts.csrf.flowOf(token);
  const binding = submittedBinding(context, parts.cookies);
  if (binding !== null && parts.csrf.isValid(binding, token)) return handle({ context, form });
  return answerStale(parts, route, context, form);
}

/**
 * A form of ours that was drawn for another session or visitor: someone has signed in or out in another tab. It does
 * nothing; its page is drawn again with what was entered, or leads on where its user is signed in by now (A61).
 */
function answerStale(
  parts: RunnerParts,
  route: GuardedRoute,
  context: RequestContext,
  form: Form,
): MaybePromise<Response> {
  parts.announce({ type: 'request-refused', reason: 'stale-form' }, originOf(context));
  if (isProgram(context.request)) return parts.answers.problem(403);
  context.typed = form;
  return enter(parts, parts.pageOf(route), context, context.signedIn, null);
}

function refused({ announce }: RouterParts, context: RequestContext, reason: FormRefusal): RequestRefused {
  announce({ type: 'request-refused', reason }, originOf(context));
  return new RequestRefused(403, { formRefusal: reason });
}

function allowedMethods(routes: readonly Route[], path: string): string {
  const methods = routes.filter((route) => route.path === path).map((route) => route.method);
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
}
