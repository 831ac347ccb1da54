/** A value, now or later: what is hot enough not to pay for a promise that it does not need. */
export type MaybePromise<Value> = Value | Promise<Value>;
