/** What some routes cost, and what bounds them; limits are named in backticks. For docs/limits.md. */
export type RouteBounds = {
  /** Such as `POST /login`. */
  readonly routes: readonly string[];
  readonly costs: string;
  readonly bound: string;
};

/** What bounds the rows of a table. For docs/limits.md. */
export type TableBounds = {
  readonly createdBy: string;
  readonly perClient: string;
  readonly perOwner: string;
  /** When its rows are deleted. */
  readonly deleted: string;
};
