import { Hono } from 'hono';
import type { Announce } from '../events/index.ts';
import type { WatchRoute } from '../observability/index.ts';
import { trimmedEnd } from '../runtime/index.ts';
import type { Answers } from './answers.ts';
import type { MaybePromise } from './context.ts';
import { addCookies, originOf, type WebContext } from './context.ts';
import type { ErrorAnswers } from './errors.ts';
import { webEvents } from './events.ts';
import { classifyHost, type OwnHost } from './own-host.ts';
import { RequestRefused } from './problems.ts';

/** In characters; browsers and proxies have about the same limit. */
const MAXIMUM_URL_LENGTH = 8_000;

// RFC 1035 §2.3.4
const LONGEST_HOST = 255;

export type CreateContext<Context> = (request: Request, environment: unknown) => Context;

export type Handler = (request: Request, environment?: unknown) => MaybePromise<Response>;

export type RouterParts<Context extends WebContext> = {
  readonly createContext: CreateContext<Context>;
  readonly origin: string;
  readonly isOwnHost: OwnHost;
  readonly errors: ErrorAnswers;
  readonly answers: Answers;
  readonly announce: Announce;
  /** Gives the handler that stands for a route, or, with null, for what no route takes. */
  readonly watchRoute: WatchRoute;
};

/** A route as the router needs it: everything that its access and its form require is part of `run`. */
export type RunnableRoute<Context extends WebContext = WebContext> = {
  readonly method: 'GET' | 'POST';
  readonly path: `/${string}`;
  /** Answered whatever `Host` is named, for load balancers that ask by address; others get 421 (A28). */
  readonly isAnsweredAnywhere: boolean;
  readonly run: (context: Context) => MaybePromise<Response>;
};

type Refusing = Omit<RouterParts<WebContext>, 'createContext'>;

type RouteShape = Pick<RunnableRoute, 'method' | 'path' | 'isAnsweredAnywhere'>;

/** Turns routes into one handler: host, address, method and path are checked here, the rest by each route. */
export function createRouter<Context extends WebContext>(
  parts: RouterParts<Context>,
  routes: readonly RunnableRoute<Context>[],
): Handler {
  const { createContext, isOwnHost, watchRoute, errors } = parts;
  const app = new Hono({ getPath: pathAsSent });
  for (const route of routes) {
    const handle = watchRoute(route, (request, environment) =>
      answer(parts, createContext(request, environment), route.run),
    );
    app.on(route.method, route.path, ({ req, env }) => handle(req.raw, env));
  }
  const refusals = refusingRouter(parts, routes);
  const refuseUnknown = watchRoute(null, (request) => refusals.fetch(request));
  app.notFound(({ req }) => refuseUnknown(req.raw));
  const isAnsweredAnywhere = answeredAnywhere(routes);
  const refuseMisdirected = watchRoute(null, (request, environment) =>
    misdirected(parts, createContext(request, environment)),
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
function answeredAnywhere(routes: readonly RouteShape[]): (request: Request) => boolean {
  const found = routes.filter((route) => route.isAnsweredAnywhere);
  const open = new Set<string>(found.map(({ path }) => path));
  return ({ url, method }) => (method === 'GET' || method === 'HEAD') && open.has(pathAsSent({ url }));
}

/**
 * The path as it was sent. Decoded it would let a page be asked for under several spellings, and what counts or
 * refuses by path on the way, such as a proxy, sees the spelling alone (A08).
 */
export function pathAsSent({ url }: Pick<Request, 'url'>): string {
  const start = url.indexOf('/', 'https://'.length);
  let end = start;
  while (end < url.length && url[end] !== '?' && url[end] !== '#') end += 1;
  return url.slice(start, end);
}

// RFC 9110 §15.5.20; nothing here depends on a host name that is not ours, such as the target of a link.
function misdirected({ errors, announce, origin }: Refusing, context: WebContext): Promise<Response> {
  const seen = (URL.parse(context.request.url)?.host ?? '').slice(0, LONGEST_HOST);
  const site = new URL(origin);
  const { host: expected } = site;
  const kind = classifyHost(seen, site);
  announce(webEvents.requestRefused, { reason: 'wrong-host', seen, expected, kind }, originOf(context));
  return errors.refuse(context.request, new RequestRefused(421, { hostKind: kind }));
}

/**
 * Answers what no route takes: 405 where another method would do, else 404. It is a router of its own, because a
 * path with one single handler is answered at once, without the promises that several in a row cost.
 */
function refusingRouter({ errors, answers }: Refusing, routes: readonly RouteShape[]): Hono {
  const app = new Hono({ getPath: pathAsSent });
  for (const path of new Set(routes.map((route) => route.path))) {
    const allow = allowedMethods(routes, path);
    app.all(path, ({ req }) => errors.refuse(req.raw, new RequestRefused(405, { allow })));
  }
  const isPage = createKnowsPath(routes.filter(({ method }) => method === 'GET').map(({ path }) => path));
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

/**
 * Knows the paths that routes take, as the routes write them. What is sent to a second spelling is not acted on (A08).
 */
export function createKnowsPath(paths: readonly string[]): (path: string) => boolean {
  const patterns = paths.map((path) => path.replaceAll('.', '\\.').replace(/:\w+/g, '[\\w-]+'));
  const known = new RegExp(`^(?:${patterns.join('|')})$`);
  return (path) => known.test(path);
}

function answer<Context extends WebContext>(
  { errors }: Refusing,
  context: Context,
  run: RunnableRoute<Context>['run'],
): MaybePromise<Response> {
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
function withCookies(context: WebContext, response: Response): Response {
  if (!context.hasCookies) return response;
  addCookies(context, response.headers);
  return response;
}

function allowedMethods(routes: readonly RouteShape[], path: string): string {
  const methods = routes.filter((route) => route.path === path).map((route) => route.method);
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
}
