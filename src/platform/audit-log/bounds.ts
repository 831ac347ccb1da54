import type { Origin } from '../events/index.ts';
import { clientNetwork } from '../rate-limit/index.ts';
import { createBudget, DAY, HOUR, MINUTE } from '../runtime/index.ts';
import type { Id } from '../text/index.ts';
import type { AuditedEvent } from './record.ts';

/** Records that were counted instead of written: all of one type, or with neither type nor origin. */
export type LeftOut =
  | { readonly count: number }
  | {
      readonly subject: Id | null;
      readonly from: string | null;
      readonly of: string;
      readonly count: number;
    };

/** How many records one subject or one client gets in a period; further ones are counted. */
type Share = {
  readonly key: string;
  readonly max: number;
  /** Milliseconds. */
  readonly window: number;
  readonly subject: Id | null;
  /** The client network. */
  readonly from: string | null;
  /** Used up first; until then it does not count against this share. */
  readonly first?: Share;
};

/** Failures without a subject that one node records: each costs an attacker nothing, and here a row. */
const FAILURES_WITHOUT_SUBJECT = [
  { most: 300, window: MINUTE },
  { most: 20_000, window: DAY },
] as const;
/** The same from one client. */
const FAILURES_WITHOUT_SUBJECT_OF_CLIENT = { max: 500, window: DAY };
/** Failures with a subject, from one client. */
const FAILURES_OF_CLIENT = { max: 1_000, window: DAY };
/** Successes from one client beyond the first ones of each subject. Changes do not count. */
const SUCCESSES_OF_CLIENT = { max: 2_000, window: DAY };
/** The first successes of one subject from one client, so that thousands of users behind one address stay identified. */
const FIRST_SUCCESSES = { max: 20, window: DAY };
/**
 * Records of one type of one subject from one client. An attacker who floods the records of the own subject does not
 * hide what happens from another network.
 */
const TYPE_OF_SUBJECT_AND_CLIENT = { max: 30, window: HOUR };
/** The same from all clients: more than legitimate use causes. */
const TYPE_OF_SUBJECT = { max: 300, window: HOUR };

/** Bounds the audit log, so that no client and no user fills it. Records beyond the bounds are counted (A64). */
export function createBounds() {
  const shares = createShares();
  const budgets = FAILURES_WITHOUT_SUBJECT.map(createBudget);
  let uncounted: LeftOut[] = [];
  let nextCheckAt = 0;
  return {
    fits: (event: AuditedEvent, subject: Id | null, origin: Origin, now: number): boolean => {
      if (!sharesOf(event, subject, origin).every((share) => shares.spend(share, event.name, now)))
        return false;
      if (subject !== null || event.outcome === 'success') return true;
      return budgets.every((budget) => {
        const { isWithin, leftOut: count } = budget.spend(now);
        if (count > 0) uncounted.push({ count });
        return isWithin;
      });
    },
    /** What was left out since the last call. */
    takeLeftOut: (now: number): readonly LeftOut[] => {
      const found = uncounted;
      uncounted = [];
      if (now < nextCheckAt && now >= nextCheckAt - MINUTE) return found;
      nextCheckAt = now + MINUTE;
      return [...found, ...shares.takeLeftOut(now)];
    },
  };
}

/** The shares that a record counts against. */
function sharesOf(event: AuditedEvent, subject: Id | null, origin: Origin): readonly Share[] {
  const from = 'address' in origin ? (clientNetwork(origin.address)?.address ?? null) : null;
  if (subject === null) {
    if (from === null || event.outcome === 'success') return [];
    return [{ key: from, subject: null, from, ...FAILURES_WITHOUT_SUBJECT_OF_CLIENT }];
  }
  const key = `${subject} ${event.name}`;
  // The narrow ones first: what one of them leaves out takes nothing from those behind it.
  return [
    { key: `${key} ${from}`, subject, from, ...TYPE_OF_SUBJECT_AND_CLIENT },
    ...(from === null || event.isChange ? [] : [shareOfClient(event, subject, from)]),
    { key, subject, from: null, ...TYPE_OF_SUBJECT },
  ];
}

/** What all subjects that are used from one client share. */
function shareOfClient({ outcome }: AuditedEvent, subject: Id, from: string): Share {
  const ofClient = { key: `${outcome} ${from}`, subject: null, from };
  // Failures about any subject cost an attacker nothing; so none of them is free.
  if (outcome === 'failure') return { ...ofClient, ...FAILURES_OF_CLIENT };
  const first = { key: `first ${subject} ${from}`, subject, from, ...FIRST_SUCCESSES };
  return { ...ofClient, ...SUCCESSES_OF_CLIENT, first };
}

/**
 * The most windows that are kept of subjects, of clients, and of subjects with a client; beyond it the oldest of the
 * same kind ends early. So a client with many addresses does not end the window of a subject. About 5 MB for each kind.
 */
const MAX_WINDOWS = 20_000;

type Window = {
  readonly share: Share;
  readonly beganAt: number;
  written: number;
  readonly leftOut: Map<string, number>;
};

function createShares() {
  const windows = {
    ofSubjects: new Map<string, Window>(),
    ofClients: new Map<string, Window>(),
    ofBoth: new Map<string, Window>(),
  };
  const windowsOf = ({ subject, from }: Share): Map<string, Window> => {
    if (from === null) return windows.ofSubjects;
    return subject === null ? windows.ofClients : windows.ofBoth;
  };
  let leftOut: LeftOut[] = [];
  const end = (window: Window) => {
    const { subject, from, key } = window.share;
    windowsOf(window.share).delete(key);
    for (const [of, count] of window.leftOut) leftOut.push({ subject, from, of, count });
  };
  const begin = (share: Share, now: number): Window => {
    const ofKind = windowsOf(share);
    const [oldest] = ofKind.size >= MAX_WINDOWS ? ofKind.values() : [];
    if (oldest !== undefined) end(oldest);
    const window = { share, beganAt: now, written: 0, leftOut: new Map<string, number>() };
    ofKind.set(share.key, window);
    return window;
  };
  const current = (share: Share, now: number): Window => {
    const found = windowsOf(share).get(share.key);
    if (found !== undefined && !isExpired(found, now)) return found;
    if (found !== undefined) end(found);
    return begin(share, now);
  };
  const take = (window: Window): boolean => {
    if (window.written >= window.share.max) return false;
    window.written += 1;
    return true;
  };
  return {
    /** Takes one record from a share; where none is left, it is counted. */
    spend: (share: Share, type: string, now: number): boolean => {
      if (share.first !== undefined && take(current(share.first, now))) return true;
      const window = current(share, now);
      if (take(window)) return true;
      window.leftOut.set(type, (window.leftOut.get(type) ?? 0) + 1);
      return false;
    },
    /** What was left out of the windows that have expired. */
    takeLeftOut: (now: number): readonly LeftOut[] => {
      for (const ofKind of Object.values(windows))
        for (const window of ofKind.values()) if (isExpired(window, now)) end(window);
      const taken = leftOut;
      leftOut = [];
      return taken;
    },
  };
}

// A clock that was set back must not keep a window open.
function isExpired({ share: { window }, beganAt }: Window, now: number): boolean {
  return now >= beganAt + window || now < beganAt;
}
