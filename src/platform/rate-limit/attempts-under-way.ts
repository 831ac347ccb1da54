/** More than this many that wait would be a flood; the rest is refused at once. */
const MOST_WAITING = 1_000;

/**
 * Attempts of this node that have taken a place and do not know yet whether they need it. Whoever finds no place left
 * waits for one of those to end, for it may give its place back: else people behind one address, who all know their
 * passwords, would be refused for coming at once.
 */
export type AttemptsUnderWay = {
  readonly enter: (keys: readonly string[]) => void;
  readonly leave: (keys: readonly string[], gaveBack: boolean) => void;
  /** Settles when a place under the key may have come free; null when there is nothing to wait for. */
  readonly freed: (key: string) => Promise<void> | null;
};

type Place = { underWay: number; readonly waiting: (() => void)[] };

export function createAttemptsUnderWay(): AttemptsUnderWay {
  const places = new Map<string, Place>();
  let waiting = 0;
  const wake = (place: Place, most: number) => {
    for (const go of place.waiting.splice(0, most)) {
      waiting -= 1;
      go();
    }
  };
  return {
    enter: (keys) => {
      for (const key of keys) {
        const place = places.get(key) ?? { underWay: 0, waiting: [] };
        place.underWay += 1;
        places.set(key, place);
      }
    },
    leave: (keys, gaveBack) => {
      for (const key of keys) {
        const place = places.get(key);
        if (place === undefined) continue;
        place.underWay -= 1;
        if (place.underWay === 0) places.delete(key);
        // One place came free for one of them. When nobody is under way any more, all find out how it stands.
        wake(place, place.underWay === 0 ? place.waiting.length : Number(gaveBack));
      }
    },
    freed: (key) => {
      const place = places.get(key);
      if (place === undefined || waiting >= MOST_WAITING) return null;
      waiting += 1;
      return new Promise((resolve) => place.waiting.push(resolve));
    },
  };
}
