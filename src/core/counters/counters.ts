/** How often something may happen. */
export type CounterLimit = {
  readonly most: number;
  /** Milliseconds from the first time on, after which counting starts anew. */
  readonly window: number;
};

export type Reservation =
  | { readonly allowed: true; readonly remaining: number }
  /** `retryAt`: milliseconds of UTC. */
  | { readonly allowed: false; readonly retryAt: number };

/**
 * Counts what may happen only so often, for all nodes together. A place is reserved before the work is done, and the
 * store decides who gets the last one, so that no number of requests at once gets past the limit (A06).
 */
export type Counters = {
  readonly reserve: (key: string, limit: CounterLimit, now: number) => Promise<Reservation>;
  /** Forgets what was counted under a key. */
  readonly clear: (key: string) => Promise<void>;
};
