/** At most `max` in a span of time that begins with the first one. */
export type Window = {
  readonly max: number;
  /** Milliseconds. */
  readonly window: number;
};

/**
 * A few at once; each further one is followed by a wait twice as long as the one before. Waits end by themselves, and
 * attempts during a wait do not prolong it (A07). Times are milliseconds.
 */
export type Backoff = {
  /** How many come before the first wait. */
  readonly free: number;
  readonly firstWait: number;
  readonly longestWait: number;
  /** How long after the last one all of them are forgotten. Longer than any wait, so that one more starts the next wait. */
  readonly memory: number;
};

export type Rule = Window | Backoff;

/** A permit that is requested under a rule. */
export type Demand = {
  readonly key: string;
  readonly rule: Rule;
  /** Counted only if it is the first under that other key: different values are counted, not repetitions. */
  readonly whenFirstOf?: string;
};

/** A permit that was taken, with what is needed to return it. Times are milliseconds of UTC. */
export type Permit = {
  readonly key: string;
  readonly rule: Rule;
  readonly until: number;
  readonly blockedUntil: number;
  /** Until when the key was blocked before. */
  readonly previouslyBlockedUntil: number;
  /** The store that counted it; no other one can take it back. */
  readonly store: 'database' | 'redis';
};

export type Refusal = {
  readonly key: string;
  /** Milliseconds of UTC. */
  readonly retryAt: number;
};

export type Reservation =
  | { readonly ok: true; readonly permits: readonly Permit[] }
  | { readonly ok: false; readonly refusals: readonly [Refusal, ...Refusal[]] };

/**
 * Counts attempts for all nodes together. A permit is reserved before the work is done, and the store decides which
 * request gets the last one, so that no number of concurrent requests exceeds a rule (A06).
 */
export type Counters = {
  /** Takes a permit under each key, or, if one of them has none left, under none of them. */
  readonly reserve: (demands: readonly Demand[], now: number) => Promise<Reservation>;
  /** Returns permits of attempts that turned out not to count. */
  readonly giveBack: (permits: readonly Permit[]) => Promise<void>;
  /** Forgets what was counted under these keys. */
  readonly clear: (keys: readonly string[]) => Promise<void>;
};

/** Thrown by a store that cannot be reached, is too slow or refuses to serve. Other errors are defects. */
export class StoreUnavailable extends Error {
  constructor(cause: unknown) {
    super('the store of counters is unavailable', { cause });
    this.name = 'StoreUnavailable';
  }
}
