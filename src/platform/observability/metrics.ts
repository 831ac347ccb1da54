import type { EventCounter, EventDefinition, EventObserver } from '../events/index.ts';
import { SECOND } from '../runtime/index.ts';
import type { ReadProcessMetrics } from './process-metrics.ts';
import { addGauge, createCounter, createHistogram, createRegistry, type Registry } from './registry.ts';

/**
 * What one system counts and measures, for Prometheus. Each system has a registry of its own, so that two in one process
 * report nothing of each other (A60). No label contains what a client sent.
 */
export type Metrics = {
  /** For the measurements of other parts. */
  readonly registry: Registry;
  /** Counts events, and some by what came of them. */
  readonly countEvents: (events: ReadonlyMap<string, EventDefinition>) => EventObserver;
  readonly countFailure: CountFailure;
  /** A counter is kept in the database, because Redis is unavailable. */
  readonly countFallback: () => void;
  readonly watchRoute: WatchRoute;
  /** Sets the function that counts open connections; a system without a server has none. */
  readonly watchConnections: (count: () => number) => void;
  readonly setBuild: (build: Build) => void;
  /** All metrics in the text format of Prometheus. */
  readonly text: () => Promise<string>;
  readonly contentType: string;
};

/** @param options `ofProcess`: also the metrics of the whole process */
export function createMetrics({ ofProcess }: { readonly ofProcess?: ReadProcessMetrics } = {}): Metrics {
  const registry = createRegistry();
  return {
    registry,
    countEvents: eventCounters(registry),
    countFailure: failureCounter(registry),
    countFallback: fallbackCounter(registry),
    watchRoute: measureRequests(registry),
    watchConnections: connectionGauge(registry),
    setBuild: buildGauge(registry),
    text: async () => registry.text() + (ofProcess === undefined ? '' : `\n${await ofProcess()}`),
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
  };
}

function eventCounters(registry: Registry): Metrics['countEvents'] {
  return (events) => {
    const all = {
      name: 'latchkey_events_total',
      help: 'Events by type, as in the log.',
      labels: ['type'] as const,
    };
    const count = createCounter(registry, all);
    const counters = new Map<EventCounter, (value: string, by?: number) => void>();
    for (const { counted } of events.values()) {
      if (counted === null) continue;
      const { counter, values } = counted;
      const special = counters.get(counter) ?? createEventCounter(registry, counter);
      counters.set(counter, special);
      // From the start at 0: a series that does not exist cannot be compared with anything.
      for (const value of values) special(value, 0);
    }
    return ({ name, counted }, data) => {
      count({ type: name });
      if (counted !== null) counters.get(counted.counter)?.(counted.valueOf(data));
    };
  };
}

function createEventCounter(registry: Registry, { label, ...described }: EventCounter) {
  const count = createCounter(registry, { ...described, labels: [label] });
  return (value: string, by?: number) => count({ [label]: value }, by);
}

/** A failure of the server: a defect, an unavailable database, or more work than can be done in time. */
type Failure = 'internal' | 'database-unavailable' | 'overloaded';

export type CountFailure = (kind: Failure) => void;

const FAILURES: readonly Failure[] = ['internal', 'database-unavailable', 'overloaded'];

/** Counts requests that were answered with 500 or 503. */
function failureCounter(registry: Registry): CountFailure {
  const failures = createCounter(registry, {
    name: 'latchkey_errors_total',
    help: 'Requests that failed on our side: overloaded ones were refused because the hash queue was full.',
    labels: ['kind'],
  });
  for (const kind of FAILURES) failures({ kind }, 0);
  return (kind) => failures({ kind });
}

function fallbackCounter(registry: Registry): () => void {
  let count = 0;
  registry.add({
    name: 'latchkey_redis_fallbacks_total',
    help: 'Shared counters that were kept in the database because Redis was away.',
    type: 'counter',
    read: () => [{ value: count }],
  });
  return () => {
    count += 1;
  };
}

function connectionGauge(registry: Registry): (count: () => number) => void {
  const described = { name: 'latchkey_connections', help: 'Open connections.' };
  return (count) => addGauge(registry, described, count);
}

type Build = {
  readonly version: string;
  readonly database: string;
  /** The number of the last migration. */
  readonly schema: number;
};

/** A gauge that is always 1; its labels describe the system, and other metrics can be joined with it. */
function buildGauge(registry: Registry): (build: Build) => void {
  return ({ version, database, schema }) => {
    const labels = { version, node: process.versions.node, database, schema: String(schema) };
    registry.add({
      name: 'latchkey_build_info',
      help: 'What runs here: always 1.',
      type: 'gauge',
      read: () => [{ labels, value: 1 }],
    });
  };
}

type Handler = (request: Request, environment?: unknown) => Response | Promise<Response>;

/** A route as it was declared; never what a client requested. */
type RouteLabels = { readonly method: string; readonly path: string };

/** Wraps the handler of a route, or of requests without one (null), so that it is timed. */
export type WatchRoute = (route: RouteLabels | null, handle: Handler) => Handler;

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Times requests by route, method and class of status, until the response is ready to be sent. */
function measureRequests(registry: Registry): WatchRoute {
  const observe = createHistogram(registry, {
    name: 'latchkey_http_request_duration_seconds',
    help: 'How long an answer took; the route is “none” for what no route takes.',
    labels: ['route', 'method', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  });
  return (route, handle) => {
    const labelsOf = route === null ? unroutedLabels : () => ({ route: route.path, method: route.method });
    const settle = (request: Request, response: Response, start: number): Response => {
      const status = `${Math.floor(response.status / 100)}xx`;
      observe({ ...labelsOf(request), status }, (performance.now() - start) / SECOND);
      return response;
    };
    return (request, environment) => {
      const start = performance.now();
      const response = handle(request, environment);
      return response instanceof Promise
        ? response.then((later) => settle(request, later, start))
        : settle(request, response, start);
    };
  };
}

// A client can invent methods, and each would be a series of its own.
function unroutedLabels({ method }: Request) {
  return { route: 'none', method: METHODS.has(method) ? method : 'other' };
}
