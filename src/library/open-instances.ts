/** More of them than an application needs on purpose. */
const EXPECTED = 3;

declare global {
  // Shared by copies of this module, of which a bundler or a development server makes several.
  var openLatchkeys: Map<string, number> | undefined;
}

const EXPLANATION =
  'each holds its own connections and threads until close() is called; where a development server evaluates the module again, ' +
  'make one with onePerProcess(() => createLatchkey(…))';

export type OpenInstance = {
  /** Names the database; null for one of its own, in memory. */
  readonly database: string | null;
  readonly warn: (problem: { readonly open: number; readonly explanation: string }) => void;
};

/**
 * Counts the instances of this process on one database, and warns of too many. Nothing closes them by itself: their timers
 * deliver mail and delete what has expired, whether or not the application still refers to them.
 * @returns a function that says that the instance is closed
 */
export function countInstance({ database, warn }: OpenInstance): () => void {
  if (database === null) return () => {};
  globalThis.openLatchkeys ??= new Map();
  const counts = globalThis.openLatchkeys;
  const open = (counts.get(database) ?? 0) + 1;
  counts.set(database, open);
  if (open > EXPECTED) warn({ open, explanation: EXPLANATION });
  let isOpen = true;
  return () => {
    if (isOpen) counts.set(database, (counts.get(database) ?? 1) - 1);
    isOpen = false;
  };
}
