import { MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';

/** How long a replaced token still works: the promise of the documents, written independently of the code. */
const GRACE = 30 * SECOND;
/** How often the use of a session is stored. */
const NOTED = MINUTE;

/** The expected response. `successor`: any new token, the existing one, or none. */
export type Expected =
  | { readonly status: 401 }
  | { readonly status: 200; readonly successor: 'none' | 'new' | { readonly token: string } };

type Issued = {
  readonly token: string;
  issuedAt: number;
  /** When another token replaced it, and whether it still works for a while. */
  replacedAt: number | null;
  hasGrace: boolean;
  isSeen: boolean;
};

/** One session as the documents describe it: all tokens that it ever had, and whether it exists. */
export type SessionModel = {
  readonly expect: (token: string, now: number) => Expected;
  /** The response to a request contained another token. */
  readonly rotated: (successor: string, now: number) => void;
  /** The user authenticated again. */
  readonly renewed: (successor: string, now: number) => void;
  readonly ended: () => void;
  readonly isAlive: () => boolean;
  readonly hasBeenStolen: () => boolean;
};

export function modelOf(first: string, now: number, rotate: number): SessionModel {
  const issued: Issued[] = [{ token: first, issuedAt: now, replacedAt: null, hasGrace: false, isSeen: true }];
  let isAlive = true;
  let hasBeenStolen = false;

  const replace = (successor: string, at: number, hasGrace: boolean) => {
    const current = issued.at(-1);
    if (current !== undefined) Object.assign(current, { replacedAt: at, hasGrace });
    issued.push({ token: successor, issuedAt: at, replacedAt: null, hasGrace: false, isSeen: false });
  };
  const expectCurrent = (current: Issued, at: number): Expected => {
    const before = issued.at(-2);
    const isBeforeDone = !before?.hasGrace || at >= (before.replacedAt ?? 0) + GRACE;
    const isDue = at >= current.issuedAt + rotate && isBeforeDone;
    current.isSeen = true;
    return { status: 200, successor: isDue ? 'new' : 'none' };
  };
  const expectReplaced = (old: Issued, ownTime: number, at: number): Expected => {
    // The row stores one replaced token. An older one counts as replaced when that one was issued, at the latest;
    // so after two authentications within half a minute it is only refused where it might be reported as theft.
    const replacedAt = old === issued.at(-2) ? ownTime : (issued.at(-2)?.issuedAt ?? ownTime);
    const successor = issued.at(-1);
    if (old === issued.at(-2) && successor?.isSeen === false)
      return old.hasGrace ? again(old, successor, at) : { status: 401 };
    if (at >= replacedAt + GRACE) {
      isAlive = false;
      hasBeenStolen = true;
      return { status: 401 };
    }
    const isPrevious = old === issued.at(-2);
    if (!isPrevious || !old.hasGrace || at <= replacedAt - GRACE) return { status: 401 };
    return { status: 200, successor: 'none' };
  };
  // A successor that was never used is returned again at any time, and counts from then on.
  const again = (old: Issued, successor: Issued, at: number): Expected => {
    if (at <= successor.issuedAt - GRACE) return { status: 401 };
    if (at >= successor.issuedAt + NOTED) {
      old.replacedAt = at;
      successor.issuedAt = at;
    }
    return { status: 200, successor: { token: successor.token } };
  };

  return {
    expect: (token, at) => {
      const found = issued.find((each) => each.token === token);
      if (!isAlive || found === undefined) return { status: 401 };
      return found.replacedAt === null
        ? expectCurrent(found, at)
        : expectReplaced(found, found.replacedAt, at);
    },
    rotated: (successor, at) => replace(successor, at, true),
    renewed: (successor, at) => replace(successor, at, false),
    ended: () => {
      isAlive = false;
    },
    isAlive: () => isAlive,
    hasBeenStolen: () => hasBeenStolen,
  };
}
