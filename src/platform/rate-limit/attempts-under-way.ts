/** Further attempts are refused at once, so that a flood does not wait in memory. */
const MAX_WAITING = 1_000;

/**
 * Attempts of this node that hold a permit and may still return it. An attempt that finds no permit left waits for one of
 * them to end: otherwise users behind one address would be refused for arriving together, although all of them succeed.
 */
export type AttemptsUnderWay = {
  readonly enter: (keys: readonly string[]) => void;
  readonly leave: (keys: readonly string[], gaveBack: boolean) => void;
  /** Settles when a permit under the key may have come free; null when there is nothing to wait for. */
  readonly freed: (key: string) => Promise<void> | null;
};

type Slot = { underWay: number; readonly waiting: (() => void)[] };

export function createAttemptsUnderWay(): AttemptsUnderWay {
  const slots = new Map<string, Slot>();
  let waiting = 0;
  const wake = (slot: Slot, max: number) => {
    for (const proceed of slot.waiting.splice(0, max)) {
      waiting -= 1;
      proceed();
    }
  };
  return {
    enter: (keys) => {
      for (const key of keys) {
        const slot = slots.get(key) ?? { underWay: 0, waiting: [] };
        slot.underWay += 1;
        slots.set(key, slot);
      }
    },
    leave: (keys, gaveBack) => {
      for (const key of keys) {
        const slot = slots.get(key);
        if (slot === undefined) continue;
        slot.underWay -= 1;
        if (slot.underWay === 0) slots.delete(key);
        // One returned permit is enough for one attempt. After the last attempt every waiting one asks the store again.
        wake(slot, slot.underWay === 0 ? slot.waiting.length : Number(gaveBack));
      }
    },
    freed: (key) => {
      const slot = slots.get(key);
      if (slot === undefined || waiting >= MAX_WAITING) return null;
      waiting += 1;
      return new Promise((resolve) => slot.waiting.push(resolve));
    },
  };
}
