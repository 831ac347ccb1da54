import { kinds } from '../../auth/audit/outcomes.ts';
import { type Event, isRepetition, type Observer, type Origin } from '../../auth/events.ts';
import type { Secrets } from '../crypto/secrets.ts';
import type { Log } from '../observability/log.ts';
import { clientNetwork } from '../rate-limit/client-network.ts';
import { createBudget } from '../runtime/budget.ts';
import { type Clock, DAY, HOUR, MINUTE } from '../runtime/clock.ts';
import type { Database } from '../sql/database.ts';
import type { DeleteExpired } from '../sql/retention.ts';
import { createChain } from './chain.ts';
import { deleteExpiredLinks } from './expiry.ts';
import { createHeads } from './heads.ts';
import { type AuditNotice, type AuditRecord, recordOf } from './record.ts';
import { createSeals } from './seals.ts';
import { createShares, type Share } from './shares.ts';
import type { AuditTables } from './store.ts';
import { newestLinks } from './store.ts';
import { createAuditWriter } from './writer.ts';

/** What keeps a record of everything that happens. */
export type AuditTrail = {
  /** Takes an event at once; it is written soon after, in the order in which it came. */
  readonly record: Observer;
  /** Tries now to write all that waits. Settles in any case. */
  readonly settle: () => Promise<void>;
  /** What happened to an account last, the newest first and at most so much. */
  readonly newestOf: (accountId: string, most: number) => Promise<readonly AuditRecord[]>;
  /** Also logs the head once a day. */
  readonly deleteExpired: DeleteExpired;
  /** Logs the newest record, which later verification can be held to. A database that is away is logged instead. */
  readonly logHead: () => Promise<void>;
  /** Writes what waits, and says in the log what could not be written. */
  readonly close: () => Promise<void>;
};

export type AuditTrailParts = {
  readonly database: Database<AuditTables>;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  /** How long records are kept, in milliseconds. */
  readonly retention: number;
  /** How many records may wait for the database; tests have fewer. */
  readonly mostWaiting?: number;
};

/** So many refusals of strangers are recorded on one node. Each of them costs a stranger nothing, and here a row. */
const OF_STRANGERS = [
  { most: 300, window: MINUTE },
  { most: 20_000, window: DAY },
] as const;
/** The same from one client. */
const OF_ONE_STRANGER = { most: 500, window: DAY };
/** Refusals about accounts, from one client. */
const REFUSALS_OF_ONE_CLIENT = { most: 1_000, window: DAY };
/** Successes about accounts, from one client, beyond the first ones of each account. Changes do not count. */
const SUCCESSES_OF_ONE_CLIENT = { most: 2_000, window: DAY };
/** The first successes of one account from one client, so that thousands of users behind one address stay named. */
const FIRST_SUCCESSES = { most: 20, window: DAY };
/**
 * Records of one type about one account from one client. An attacker who repeats what is the attacker's own does not
 * hide behind it what happens from another network.
 */
const OF_ONE_ACCOUNT_AND_CLIENT = { most: 30, window: HOUR };
/** The same from all clients: more than there can be sign-ins with a right password. */
const OF_ONE_ACCOUNT = { most: 300, window: HOUR };

export function createAuditTrail({ clock, retention, secrets, ...parts }: AuditTrailParts): AuditTrail {
  const { database, log } = parts;
  const seals = createSeals(secrets);
  const chain = createChain({ database, seals, clock, log });
  const ofItself = (notice: AuditNotice) => recordOf(notice, { work: 'audit' }, clock());
  const lossRecord = (count: number) => ofItself({ type: 'audit-records-lost', count });
  const { add, settle, close } = createAuditWriter({ ...parts, chain, lossRecord });
  const { fits, leftOut } = createBounds();
  const tellLeftOut = (now: number) => {
    for (const one of leftOut(now)) add(ofItself({ type: 'audit-records-left-out', ...one }));
  };
  const heads = createHeads({ ...parts, chain, clock });
  return {
    record: (event, origin) => {
      if (isRepetition(event)) return;
      const now = clock();
      const isKept = fits(event, origin, now);
      tellLeftOut(now);
      if (isKept) add(recordOf(event, origin, now));
    },
    settle,
    newestOf: async (accountId, most) => (await newestLinks(database.queries, most, accountId)).toReversed(),
    deleteExpired: async (now, most) => {
      await heads.logDaily();
      return deleteExpiredLinks({ database, seals, log }, now - retention, most);
    },
    logHead: heads.log,
    close: async () => {
      tellLeftOut(Number.POSITIVE_INFINITY);
      await close();
      await heads.logLast();
    },
  };
}

/** What bounds the record, so that no client and no user fills it: of what is beyond, the number is kept (A64). */
function createBounds() {
  const shares = createShares();
  const budgets = OF_STRANGERS.map(createBudget);
  let told: { readonly count: number }[] = [];
  let lookAgainAt = 0;
  return {
    fits: (event: Event, origin: Origin, now: number): boolean => {
      if (!sharesOf(event, origin).every((share) => shares.spend(share, event.type, now))) return false;
      if (!isRefusalOfStranger(event)) return true;
      return budgets.every((budget) => {
        const { isWithin, leftOut: count } = budget.spend(now);
        if (count > 0) told.push({ count });
        return isWithin;
      });
    },
    /** What was left out and not told yet. */
    leftOut: (now: number) => {
      const found = told;
      told = [];
      if (now < lookAgainAt && now >= lookAgainAt - MINUTE) return found;
      lookAgainAt = now + MINUTE;
      return [...found, ...shares.takeOver(now)];
    },
  };
}

/** Whose records an event is counted among. */
function sharesOf(event: Event, origin: Origin): readonly Share[] {
  const from = 'address' in origin ? (clientNetwork(origin.address)?.address ?? null) : null;
  if (isRefusalOfStranger(event))
    return from === null ? [] : [{ key: `stranger ${from}`, accountId: null, from, ...OF_ONE_STRANGER }];
  const accountId = accountOf(event);
  if (accountId === null) return [];
  const key = `account ${accountId} ${event.type}`;
  // The narrow ones first: what one of them leaves out takes nothing from those behind it.
  return [
    { key: `${key} ${from}`, accountId, from, ...OF_ONE_ACCOUNT_AND_CLIENT },
    ...(from === null || kinds[event.type].isChange ? [] : [shareOfClient(event, accountId, from)]),
    { key, accountId, from: null, ...OF_ONE_ACCOUNT },
  ];
}

/** What all accounts that are used from one client share. */
function shareOfClient({ type }: Event, accountId: string, from: string): Share {
  const { outcome } = kinds[type];
  const ofClient = { key: `${outcome} ${from}`, accountId: null, from };
  // Refusals about any account cost a stranger nothing; so none of them is free.
  if (outcome === 'failure') return { ...ofClient, ...REFUSALS_OF_ONE_CLIENT };
  const first = { key: `first ${accountId} ${from}`, accountId, from, ...FIRST_SUCCESSES };
  return { ...ofClient, ...SUCCESSES_OF_ONE_CLIENT, first };
}

function isRefusalOfStranger(event: Event): boolean {
  return accountOf(event) === null && kinds[event.type].outcome === 'failure';
}

function accountOf(event: Event): string | null {
  return 'accountId' in event ? event.accountId : null;
}
