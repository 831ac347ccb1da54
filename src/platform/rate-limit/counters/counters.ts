/** So many in a span of time that begins with the first; then counting starts anew. */
export type Window = {
  readonly most: number;
  /** Milliseconds. */
  readonly window: number;
};

/**
 * A few at once; after them each one is followed by a wait twice as long as the one before. The waits end by
 * themselves, and what comes during one does not prolong it (A07). Times are milliseconds.
 */
export type Backoff = {
  /** How many come before the first wait. */
  readonly free: number;
  readonly firstWait: number;
  readonly longestWait: number;
  /** How long after the last one all of them are forgotten. Longer than any wait, so that it comes back armed. */
  readonly memory: number;
};

export type Rule = Window | Backoff;

/** A place that somebody wants under a rule. */
export type Demand = {
  readonly key: string;
  readonly rule: Rule;
  /** Counted only when this is the first under that other key: so different things are counted, not how often. */
  readonly whenFirstOf?: string;
};

/** A place that was taken, as it must be known to give it back. Times are milliseconds of UTC. */
export type Taken = {
  readonly key: string;
  readonly rule: Rule;
  readonly until: number;
  readonly blockedUntil: number;
  /** Until when it had been blocked before. */
  readonly previouslyBlockedUntil: number;
};

export type Refusal = {
  readonly key: string;
  /** Milliseconds of UTC. */
  readonly retryAt: number;
};

export type Reservation =
  | { readonly allowed: true; readonly taken: readonly Taken[] }
  | { readonly allowed: false; readonly refusals: readonly [Refusal, ...Refusal[]] };

/**
 * Counts what may happen only so often, for all nodes together. A place is reserved before the work is done, and the
 * store decides who gets the last one, so that no number of requests at once gets past the rule (A06).
 */
export type Counters = {
  /** Takes a place under each key, or, where one of them has none left, under none of them. */
  readonly reserve: (demands: readonly Demand[], now: number) => Promise<Reservation>;
  /** Gives places back, because what they were taken for has turned out not to count. */
  readonly giveBack: (taken: readonly Taken[]) => Promise<void>;
  /** Forgets what was counted under these keys. */
  readonly clear: (keys: readonly string[]) => Promise<void>;
};
