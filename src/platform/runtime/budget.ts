/** A maximum for each window of time; what exceeds it is counted and not done. */
export type Budget = {
  /** Takes one more. `leftOut` is the excess of the last window, returned once, when the next one begins. */
  readonly spend: (now: number) => { readonly isWithin: boolean; readonly leftOut: number };
};

/** @param limits how many, and in how many milliseconds */
export function createBudget({ most, window }: { readonly most: number; readonly window: number }): Budget {
  let beganAt = Number.NEGATIVE_INFINITY;
  let asked = 0;
  return {
    spend: (now) => {
      let leftOut = 0;
      // A clock that was set back must not keep the window open.
      if (now >= beganAt + window || now < beganAt) {
        leftOut = Math.max(0, asked - most);
        beganAt = now;
        asked = 0;
      }
      asked += 1;
      return { isWithin: asked <= most, leftOut };
    },
  };
}
