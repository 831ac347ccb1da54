/** No wait for what comes by itself may be without an end. Milliseconds. */
const TOO_LONG = 60_000;

/** Looks again and again until something holds that tells nobody when it comes. */
export async function until(what: string, isReached: () => boolean | Promise<boolean>): Promise<void> {
  const begin = performance.now();
  while (!(await isReached())) {
    if (performance.now() - begin > TOO_LONG) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
