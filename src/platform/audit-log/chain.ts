import type { Log } from '../observability/log.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Database } from '../sql/database.ts';
import { toldEnd } from './judge.ts';
import { type AuditRecord, recordOf } from './record.ts';
import { BEGINNING, type End, isSame, type Link, type Place, type Seals, writtenPlace } from './seals.ts';
import type { AuditTables } from './store.ts';
import { insertLinks, moveEnd, newestLinks, placeAt, readEnd } from './store.ts';

/** The chain of all records, which every node lengthens. */
export type Chain = {
  /**
   * Adds records behind the newest, all or none. Called again with the same records after a failure of which nobody
   * knows what it left, it adds them once.
   */
  readonly append: (records: readonly AuditRecord[]) => Promise<void>;
  /**
   * The newest record, once it is certain that nothing is missing which this node knows of: otherwise that is recorded
   * first.
   */
  readonly head: () => Promise<Place>;
};

/** Where the chain goes on. */
type Start = {
  /** The end as it stands in the database, by which the change is decided. */
  readonly found: Place | null;
  /** The record that the next one follows. */
  readonly place: Place;
  /** What stood there, where it could not be believed; null where it could. */
  readonly told: Told | null;
};

/** What was found, and the newest record of this node where it is gone. */
type Told = { readonly end: End | null; readonly missed: Place | null };

export type ChainParts = {
  readonly database: Database<AuditTables>;
  readonly seals: Seals;
  /** For the one record that the chain adds by itself. */
  readonly clock: Clock;
  readonly log: Log;
};

export function createChain({ database, seals, clock, log }: ChainParts): Chain {
  /** Where this node has left the chain; another may have lengthened it since, which the condition finds out. */
  let left: Start | null = null;
  /** The newest record of this node. What the database says later has to agree with it (A69). */
  let known: Place | null = null;
  let doubtful: { readonly records: readonly AuditRecord[]; readonly last: Link } | null = null;

  const attempt = async (records: readonly AuditRecord[], start: Start): Promise<boolean> => {
    const added = start.told === null ? records : [resumed(start.told, clock()), ...records];
    const links = linked(seals, added, start.place);
    const last = links.at(-1);
    if (last === undefined) return true;
    const end = seals.end('last', last);
    doubtful = { records, last };
    const isFirst = await database.transaction(async (transaction) => {
      if (!(await moveEnd(transaction, 'last', start.found, end))) return false;
      await insertLinks(transaction, links);
      return true;
    });
    doubtful = null;
    left = isFirst ? { found: end, place: end, told: null } : null;
    if (isFirst) known = end;
    if (isFirst && start.told !== null) log.error({ event: 'audit-resumed', sequence: links[0]?.sequence });
    return isFirst;
  };

  const append = async (records: readonly AuditRecord[]): Promise<Place> => {
    if (doubtful?.records === records && (await isThere(database, doubtful.last))) {
      known = doubtful.last;
      doubtful = null;
      return known;
    }
    for (let mayTrust = true; ; ) {
      const missed = known === null || (await isContinued(database, seals, known)) ? null : known;
      if (missed !== null) left = null;
      const start: Start = left ?? (await findStart(database, seals, mayTrust && missed === null, missed));
      left = null;
      try {
        if (await attempt(records, start)) return known ?? start.place;
      } catch (error) {
        if (!database.isUniqueViolation(error)) throw error;
        // Either another node was the first of all, or there are records behind the end that was found.
        mayTrust = start.found === null;
      }
    }
  };
  const inTurn = createTurns();
  return {
    append: (records) => inTurn(async () => void (await append(records))),
    head: () =>
      inTurn(() => {
        // What is in doubt is decided by the batch itself, when it is tried again.
        if (doubtful !== null) throw new Error('it is not known whether the last batch was written');
        return append([]);
      }),
  };
}

/** Does one thing after the other, for each continues where the last has left the chain. */
function createTurns() {
  let last: Promise<unknown> = Promise.resolve();
  return <Result>(work: () => Promise<Result>): Promise<Result> => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
}

function linked(seals: Seals, records: readonly AuditRecord[], place: Place): readonly Link[] {
  let before = place;
  return records.map((record) => {
    const link = seals.link(record, before);
    before = link;
    return link;
  });
}

async function isThere({ queries }: Database<AuditTables>, { sequence, mac }: Place): Promise<boolean> {
  const found = await placeAt(queries, sequence);
  return found !== null && isSame(found.mac, mac);
}

// An end that cannot be believed must neither stop the recording nor be sealed as if it were true, which would hide
// what was done to it: so the chain goes on behind the newest record that is there, and says what it found.
async function findStart(
  { queries }: Database<AuditTables>,
  seals: Seals,
  mayTrust: boolean,
  missed: Place | null,
): Promise<Start> {
  const found = await readEnd(queries, 'last');
  if (mayTrust && found !== null && seals.judgeEnd('last', found) === 'genuine')
    return { found, place: found, told: null };
  const [newest] = await newestLinks(queries, 1);
  const cut = await readEnd(queries, 'first');
  const place = newest ?? cut ?? found ?? BEGINNING;
  const isNew = found === null && newest === undefined && cut === null && missed === null;
  return { found, place, told: isNew ? null : { end: found, missed } };
}

// A chain never grows shorter but at its beginning, by retention. So where a record of this node is gone or another one,
// an older state was put back, or all of it was deleted.
async function isContinued({ queries }: Database<AuditTables>, seals: Seals, known: Place): Promise<boolean> {
  const found = await placeAt(queries, known.sequence);
  if (found !== null) return isSame(found.mac, known.mac);
  const cut = await readEnd(queries, 'first');
  return cut !== null && cut.sequence >= known.sequence && seals.judgeEnd('first', cut) === 'genuine';
}

function resumed({ end, missed }: Told, now: number): AuditRecord {
  const notice = {
    type: 'audit-resumed',
    told: end === null ? null : toldEnd(end),
    ...(missed !== null && { missed: writtenPlace(missed) }),
  } as const;
  return recordOf(notice, { work: 'audit' }, now);
}
