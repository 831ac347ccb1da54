/** How many records one account or one client gets in a window of time; beyond them they are counted. */
export type Share = {
  readonly key: string;
  readonly most: number;
  /** Milliseconds. */
  readonly window: number;
  readonly accountId: string | null;
  /** The client network. */
  readonly from: string | null;
  /** Spent first: while it lasts, this share is not touched. */
  readonly first?: Share;
};

/** Records of one type that were counted instead of written. */
export type LeftOut = Pick<Share, 'accountId' | 'from'> & { readonly of: string; readonly count: number };

/**
 * More windows than this are not kept at once of accounts, of clients, and of accounts with a client; the oldest of the
 * same kind ends early. So a client with many addresses does not end the window of an account. About 5 MB for each kind.
 */
const MOST_WINDOWS = 20_000;

type Window = {
  readonly share: Share;
  readonly beganAt: number;
  written: number;
  readonly leftOut: Map<string, number>;
};

type Windows = Map<string, Window>;

export function createShares() {
  const windows = {
    ofAccounts: new Map<string, Window>(),
    ofClients: new Map<string, Window>(),
    ofBoth: new Map<string, Window>(),
  };
  const windowsOf = ({ accountId, from }: Share): Windows => {
    if (from === null) return windows.ofAccounts;
    return accountId === null ? windows.ofClients : windows.ofBoth;
  };
  let over: LeftOut[] = [];
  const end = ({ share, leftOut }: Window) => {
    const { accountId, from } = share;
    windowsOf(share).delete(share.key);
    for (const [of, count] of leftOut) over.push({ accountId, from, of, count });
  };
  const begin = (share: Share, now: number): Window => {
    const ofKind = windowsOf(share);
    const [oldest] = ofKind.size >= MOST_WINDOWS ? ofKind.values() : [];
    if (oldest !== undefined) end(oldest);
    const window = { share, beganAt: now, written: 0, leftOut: new Map<string, number>() };
    ofKind.set(share.key, window);
    return window;
  };
  const current = (share: Share, now: number): Window => {
    const found = windowsOf(share).get(share.key);
    if (found !== undefined && !isOver(found, now)) return found;
    if (found !== undefined) end(found);
    return begin(share, now);
  };
  const take = (window: Window): boolean => {
    if (window.written >= window.share.most) return false;
    window.written += 1;
    return true;
  };
  return {
    /** Asks for one more record; where there is none left, it is counted. */
    spend: (share: Share, type: string, now: number): boolean => {
      if (share.first !== undefined && take(current(share.first, now))) return true;
      const window = current(share, now);
      if (take(window)) return true;
      window.leftOut.set(type, (window.leftOut.get(type) ?? 0) + 1);
      return false;
    },
    /** What was left out of the windows that are over by now, told once. */
    takeOver: (now: number): readonly LeftOut[] => {
      for (const some of Object.values(windows))
        for (const window of some.values()) if (isOver(window, now)) end(window);
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
