import { Counter, type Registry } from 'prom-client';

/** What went wrong on our side: a defect, the database is away, or more hashes are wanted than can be done in time. */
export type Failure = 'internal' | 'database-unavailable' | 'overloaded';

export type CountFailure = (kind: Failure) => void;

const FAILURES: Readonly<Record<Failure, 0>> = { internal: 0, 'database-unavailable': 0, overloaded: 0 };

/** Counts requests that were answered with 500 or 503. */
export function countFailures(registry: Registry): CountFailure {
  const failures = new Counter({
    name: 'latchkey_errors_total',
    help: 'Requests that failed on our side: overloaded ones were refused because the hash queue was full.',
    labelNames: ['kind'],
    registers: [registry],
  });
  for (const kind of Object.keys(FAILURES)) failures.inc({ kind }, 0);
  return (kind) => failures.inc({ kind });
}

/** Counts what was counted in the database because Redis was away. */
export function countFallbacks(registry: Registry): () => void {
  const fallbacks = new Counter({
    name: 'latchkey_redis_fallbacks_total',
    help: 'Shared counters that were kept in the database because Redis was away.',
    registers: [registry],
  });
  return () => fallbacks.inc();
}
