import type { Database, Queries } from '../sql/database.ts';
import { type Fault, judgeFirst, judgeLast, judgeLink } from './judge.ts';
import { BEGINNING, hex, type Place, type Seals } from './seals.ts';
import type { AuditTables } from './store.ts';
import { linksBehind, oldestPlace, readEnd } from './store.ts';

/** A record that was noted somewhere else, where whoever changes the database cannot change it. */
export type Mark = { readonly sequence: number; readonly mac: string };

export type Verification = {
  /** How many records were read. */
  readonly records: number;
  /** The newest record that was found to be right; note it elsewhere, and later verification can be held to it. */
  readonly head: Mark;
  /** The first thing that is wrong; null where the chain is intact. */
  readonly fault: Fault | null;
};

/** So many records are read at a time, however many there are. */
const BATCH = 1_000;
const MOST_ATTEMPTS = 10;

/**
 * Reads the whole chain and looks whether it is as it was written, also while nodes lengthen it.
 * @param expected what must be among the records, or null
 */
export async function verifyChain(
  { queries }: Database<AuditTables>,
  seals: Seals,
  expected: Mark | null,
): Promise<Verification> {
  for (let attempt = 1; ; attempt += 1) {
    const beginning = await readEnd(queries, 'first');
    const verification = await verifyOnce(queries, seals, expected);
    if (verification.fault === null || attempt === MOST_ATTEMPTS) return verification;
    // Where retention has cut meanwhile, what was missing is no fault.
    if ((await readEnd(queries, 'first'))?.sequence === beginning?.sequence) return verification;
  }
}

async function verifyOnce(
  queries: Queries<AuditTables>,
  seals: Seals,
  expected: Mark | null,
): Promise<Verification> {
  const first = await readEnd(queries, 'first');
  let place: Place = first ?? BEGINNING;
  let records = 0;
  let isMet = expected === null || isMark(expected, place);
  const ended = (fault: Fault | null): Verification => ({ records, head: markOf(place), fault });
  const wrongFirst = judgeFirst(seals, first, await oldestPlace(queries));
  if (wrongFirst !== null) return ended(wrongFirst);
  for (;;) {
    const links = await linksBehind(queries, place.sequence, BATCH);
    for (const link of links) {
      const fault = judgeLink(seals, link, place);
      if (fault !== null) return ended(fault);
      place = link;
      records += 1;
      isMet ||= expected !== null && isMark(expected, place);
    }
    if (links.length > 0) continue;
    const last = await readEnd(queries, 'last');
    // Others write record and end in one transaction: so records that the end tells of are there by now.
    const hasMore = last !== null && last.sequence > place.sequence;
    if (hasMore && (await linksBehind(queries, place.sequence, 1)).length > 0) continue;
    const fault = judgeLast(seals, last, place);
    if (fault !== null || expected === null || isMet) return ended(fault);
    const explanation = `record ${expected.sequence} with the MAC that was expected is not there`;
    return ended({ sequence: expected.sequence, kind: 'unexpected', explanation });
  }
}

function markOf({ sequence, mac }: Place): Mark {
  return { sequence, mac: hex(mac) };
}

function isMark(mark: Mark, place: Place): boolean {
  return place.sequence === mark.sequence && hex(place.mac) === mark.mac;
}
