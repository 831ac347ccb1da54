/** Thrown when something did not end in time. */
export class TookTooLong extends Error {
  constructor(milliseconds: number) {
    super(`took longer than ${milliseconds} ms`);
    this.name = 'TookTooLong';
  }
}

/**
 * Waits for work that may hang, but not longer than `milliseconds`. The work itself continues: its caller ends it, or
 * uses its late result.
 * @throws {TookTooLong}
 */
export async function waitAtMost<Result>(milliseconds: number, work: Promise<Result>): Promise<Result> {
  const tooLong = Promise.withResolvers<never>();
  const timer = setTimeout(() => tooLong.reject(new TookTooLong(milliseconds)), milliseconds);
  try {
    return await Promise.race([work, tooLong.promise]);
  } finally {
    clearTimeout(timer);
  }
}
