/** What the work returns; null where it throws. */
export function resultOrNull<Result>(work: () => Result): Result | null {
  try {
    return work();
  } catch {
    return null;
  }
}
