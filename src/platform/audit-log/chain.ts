import { isSameMac } from '../crypto/index.ts';
import type { Log } from '../observability/index.ts';
import type { Clock } from '../runtime/index.ts';
import type { Database } from '../sql/index.ts';
import { auditEvents, CONTENT_FIELD } from './events.ts';
import { type AuditRecord, recordOf } from './record.ts';
import {
  BEGINNING,
  type End,
  formatEnd,
  formatPosition,
  type Link,
  type Position,
  type Seals,
} from './seals.ts';
import type { AuditTables } from './store.ts';
import { insertLinks, moveEnd, newestLinks, positionAt, readEnd } from './store.ts';

/** The chain of all records, to which every node appends. */
export type Chain = {
  /** Appends records, all or none. Called again with the same records after a failure, it appends them once. */
  readonly append: (records: readonly AuditRecord[]) => Promise<void>;
  /** The newest record. If a record that this node has written is missing, that is recorded first. */
  readonly head: () => Promise<Position>;
};

/** Where the chain continues. */
type Start = {
  /** The end in the database, on which the update is conditional. */
  readonly found: Position | null;
  /** The record that the next one follows. */
  readonly position: Position;
  /** The end that was found, if it is invalid; else null. */
  readonly invalid: Invalid | null;
};

/** The end that was found, and the newest record of this node if it is missing. */
type Invalid = { readonly end: End | null; readonly missed: Position | null };

export type ChainParts = {
  readonly database: Database<AuditTables>;
  readonly seals: Seals;
  /** For the one record that the chain adds itself. */
  readonly clock: Clock;
  readonly log: Log;
};

export function createChain({ database, seals, clock, log }: ChainParts): Chain {
  /** Where this node has left the chain; if another node has appended since, the conditional update fails. */
  let left: Start | null = null;
  /** The newest record of this node; the database must still contain it later (A69). */
  let known: Position | null = null;
  let doubtful: { readonly records: readonly AuditRecord[]; readonly last: Link } | null = null;

  const attempt = async (records: readonly AuditRecord[], start: Start): Promise<boolean> => {
    const added = start.invalid === null ? records : [resumed(start.invalid, clock()), ...records];
    const links = linked(seals, added, start.position);
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
    left = isFirst ? { found: end, position: end, invalid: null } : null;
    if (isFirst) known = end;
    if (isFirst && start.invalid !== null)
      log.error({ event: 'audit-resumed', sequence: links[0]?.sequence });
    return isFirst;
  };

  const append = async (records: readonly AuditRecord[]): Promise<Position> => {
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
        if (await attempt(records, start)) return known ?? start.position;
      } catch (error) {
        if (!database.isUniqueViolation(error)) throw error;
        // Either another node was the very first, or there are records after the end that was found.
        mayTrust = start.found === null;
      }
    }
  };
  const inTurn = createTurns();
  return {
    append: (records) => inTurn(async () => void (await append(records))),
    head: () =>
      inTurn(() => {
        // The next attempt to write the batch finds out.
        if (doubtful !== null) throw new Error('it is not known whether the last batch was written');
        return append([]);
      }),
  };
}

/** Runs work one after another, because each append continues where the last has left the chain. */
function createTurns() {
  let last: Promise<unknown> = Promise.resolve();
  return <Result>(work: () => Promise<Result>): Promise<Result> => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
}

function linked(seals: Seals, records: readonly AuditRecord[], position: Position): readonly Link[] {
  let before = position;
  return records.map((record) => {
    const link = seals.link(record, before);
    before = link;
    return link;
  });
}

async function isThere({ queries }: Database<AuditTables>, { sequence, mac }: Position): Promise<boolean> {
  const found = await positionAt(queries, sequence);
  return found !== null && isSameMac(found.mac, mac);
}

// An invalid end must neither stop the recording nor be sealed as if it were valid, which would hide the tampering: the
// chain continues after the newest existing record, and records what it found.
async function findStart(
  { queries }: Database<AuditTables>,
  seals: Seals,
  mayTrust: boolean,
  missed: Position | null,
): Promise<Start> {
  const found = await readEnd(queries, 'last');
  if (mayTrust && found !== null && seals.checkEnd('last', found) === 'genuine')
    return { found, position: found, invalid: null };
  const [newest] = await newestLinks(queries, 1);
  const cut = await readEnd(queries, 'first');
  const position = newest ?? cut ?? found ?? BEGINNING;
  const isNew = found === null && newest === undefined && cut === null && missed === null;
  return { found, position, invalid: isNew ? null : { end: found, missed } };
}

// Only retention shortens a chain, at its beginning. If a record of this node is missing or different, an older state was
// restored, or all records were deleted.
async function isContinued(
  { queries }: Database<AuditTables>,
  seals: Seals,
  known: Position,
): Promise<boolean> {
  const found = await positionAt(queries, known.sequence);
  if (found !== null) return isSameMac(found.mac, known.mac);
  const cut = await readEnd(queries, 'first');
  return cut !== null && cut.sequence >= known.sequence && seals.checkEnd('first', cut) === 'genuine';
}

function resumed({ end, missed }: Invalid, now: number): AuditRecord {
  const data = {
    [CONTENT_FIELD]: end === null ? null : formatEnd(end),
    ...(missed !== null && { missed: formatPosition(missed) }),
  };
  return recordOf(auditEvents.auditResumed, data, { work: 'audit' }, now);
}
