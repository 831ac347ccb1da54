import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Observer } from '../../../auth/events.ts';
import { measureSessionChecks, type WatchCheck } from '../../../auth/session-checks.ts';
import { type Build, tellBuild } from './build.ts';
import { countConnections } from './connections.ts';
import { countEvents } from './events.ts';
import { type CountFailure, countFailures, countFallbacks } from './failures.ts';
import { type HashingLoad, measureHashing, type ObserveHash } from './hashing.ts';
import { measureRequests, type WatchRoute } from './requests.ts';

/**
 * What one system counts and measures, for Prometheus. Each has a registry of its own, so that two systems in one
 * process tell nothing of each other (A60). No label holds anything that a visitor sent.
 */
export type Metrics = {
  readonly observeEvent: Observer;
  readonly observeHash: ObserveHash;
  readonly countFailure: CountFailure;
  /** A counter was kept in the database, because Redis is away. */
  readonly countFallback: () => void;
  readonly watchCheck: WatchCheck;
  readonly watchRoute: WatchRoute;
  /** Says whom to ask how many hashes are under way. */
  readonly watchHashing: (load: () => HashingLoad) => void;
  /** Says whom to ask how many connections there are; a system without a server of its own has none. */
  readonly watchConnections: (count: () => number) => void;
  readonly tellBuild: (build: Build) => void;
  /** All of it in Prometheus' text format. */
  readonly text: () => Promise<string>;
  /** The `Content-Type` of that text. */
  readonly contentType: string;
};

/** @param options `ofProcess`: also memory, garbage collection, event loop and the like of the whole process */
export function createMetrics({ ofProcess = false }: { readonly ofProcess?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (ofProcess) collectDefaultMetrics({ register: registry });
  const { observeHash, watchHashing } = measureHashing(registry);
  return {
    observeEvent: countEvents(registry),
    observeHash,
    countFailure: countFailures(registry),
    countFallback: countFallbacks(registry),
    watchCheck: measureSessionChecks(registry),
    watchRoute: measureRequests(registry),
    watchHashing,
    watchConnections: countConnections(registry),
    tellBuild: tellBuild(registry),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
