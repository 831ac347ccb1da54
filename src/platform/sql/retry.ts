// Each time the other one has gone on, so it is over soon; endless conflict must still end.
const MOST_ATTEMPTS = 5;

/** Runs work again when the engine gave it up for the sake of another, as in a deadlock. */
export async function retryConflicts<Result>(
  isConflict: (error: unknown) => boolean,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !isConflict(error)) throw error;
    }
  }
}
