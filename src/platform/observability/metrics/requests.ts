import { Histogram, type Registry } from 'prom-client';
import { SECOND } from '../../runtime/clock.ts';
import type { MaybePromise } from '../../web/maybe-promise.ts';
import type { Handler } from '../../web/router.ts';

/** Gives a handler that is timed in the place of one that is not; `route` is null for what no route takes. */
export type WatchRoute = (route: Labels | null, handle: Handler) => Handler;

/** A route as it was declared; never what was asked for. */
type Labels = { readonly method: string; readonly path: string };

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Times requests by route, method and class of status, until the answer is ready to be sent. */
export function measureRequests(registry: Registry): WatchRoute {
  const durations = new Histogram({
    name: 'latchkey_http_request_duration_seconds',
    help: 'How long an answer took; the route is “none” for what no route takes.',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  return (route, handle) => {
    const labelsOf = route === null ? unroutedLabels : () => ({ route: route.path, method: route.method });
    const settle = (request: Request, response: Response, start: number): Response => {
      const status = `${Math.floor(response.status / 100)}xx`;
      durations.observe({ ...labelsOf(request), status }, (performance.now() - start) / SECOND);
      return response;
    };
    return (request, environment): MaybePromise<Response> => {
      const start = performance.now();
      const response = handle(request, environment);
      return response instanceof Promise
        ? response.then((later) => settle(request, later, start))
        : settle(request, response, start);
    };
  };
}

// Anybody can make methods up, and each would be a series of its own.
function unroutedLabels({ method }: Request) {
  return { route: 'none', method: METHODS.has(method) ? method : 'other' };
}
