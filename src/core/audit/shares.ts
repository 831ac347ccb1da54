/** How many records one account or one client gets in a window of time; beyond them they are counted. */
export type Share = {
  readonly key: string;
  readonly most: number;
  /** Milliseconds. */
  readonly window: number;
  readonly accountId: string | null;
  /** The client network. */
  readonly from: string | null;
};

/** Records of one type that were counted instead of written. */
export type LeftOut = Pick<Share, 'accountId' | 'from'> & { readonly of: string; readonly count: number };

/** More windows than this are not kept at once; the oldest ends early. About 5 MB. */
const MOST_WINDOWS = 20_000;

type Window = {
  readonly share: Share;
  readonly beganAt: number;
  written: number;
  readonly leftOut: Map<string, number>;
};

export function createShares() {
  const windows = new Map<string, Window>();
  let over: LeftOut[] = [];
  const end = ({ share: { key, accountId, from }, leftOut }: Window) => {
    windows.delete(key);
    for (const [of, count] of leftOut) over.push({ accountId, from, of, count });
  };
  const begin = (share: Share, now: number): Window => {
    const [oldest] = windows.size >= MOST_WINDOWS ? windows.values() : [];
    if (oldest !== undefined) end(oldest);
    const window = { share, beganAt: now, written: 0, leftOut: new Map<string, number>() };
    windows.set(share.key, window);
    return window;
  };
  return {
    /** Asks for one more record; where there is none left, it is counted. */
    spend: (share: Share, type: string, now: number): boolean => {
      const found = windows.get(share.key);
      if (found !== undefined && isOver(found, now)) end(found);
      const window = windows.get(share.key) ?? begin(share, now);
      if (window.written < share.most) {
        window.written += 1;
        return true;
      }
      window.leftOut.set(type, (window.leftOut.get(type) ?? 0) + 1);
      return false;
    },
    /** What was left out of the windows that are over by now, told once. */
    takeOver: (now: number): readonly LeftOut[] => {
      for (const window of windows.values()) if (isOver(window, now)) end(window);
      const told = over;
      over = [];
      return told;
    },
  };
}

// A clock that was set back must not keep a window open.
function isOver({ share: { window }, beganAt }: Window, now: number): boolean {
  return now >= beganAt + window || now < beganAt;
}
