import { isSameMac } from '../crypto/index.ts';
import type { Database, Queries } from '../sql/index.ts';
import { BEGINNING, type End, hex, type Link, type Position, type Seals } from './seals.ts';
import { type AuditTables, linksBehind, oldestPosition, readEnd } from './store.ts';

/** A record that was noted elsewhere, where an attacker in the database cannot change it. */
export type Mark = { readonly sequence: number; readonly mac: string };

type FaultKind =
  | 'changed'
  | 'missing'
  | 'moved'
  | 'added'
  | 'cut'
  | 'end-forged'
  | 'unknown-key'
  | 'unexpected';

type Fault = { readonly sequence: number; readonly kind: FaultKind; readonly explanation: string };

export type Verification = {
  readonly records: number;
  /** The newest valid record; note it elsewhere, to compare a later verification with it. */
  readonly head: Mark;
  /** The first fault; null if the chain is intact. */
  readonly fault: Fault | null;
};

const BATCH = 1_000;
const MAX_ATTEMPTS = 10;

/**
 * Reads the whole chain and checks that it is as it was written, also while nodes append.
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
    if (verification.fault === null || attempt === MAX_ATTEMPTS) return verification;
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
  let position: Position = first ?? BEGINNING;
  let records = 0;
  let isMet = expected === null || isMark(expected, position);
  const ended = (fault: Fault | null): Verification => ({ records, head: markOf(position), fault });
  const wrongFirst = checkFirst(seals, first, await oldestPosition(queries));
  if (wrongFirst !== null) return ended(wrongFirst);
  for (;;) {
    const links = await linksBehind(queries, position.sequence, BATCH);
    for (const link of links) {
      const fault = checkLink(seals, link, position);
      if (fault !== null) return ended(fault);
      position = link;
      records += 1;
      isMet ||= expected !== null && isMark(expected, position);
    }
    if (links.length > 0) continue;
    const last = await readEnd(queries, 'last');
    // Other nodes write record and end in one transaction: so the records before the end exist by now.
    const hasMore = last !== null && last.sequence > position.sequence;
    if (hasMore && (await linksBehind(queries, position.sequence, 1)).length > 0) continue;
    const fault = checkLast(seals, last, position);
    if (fault !== null || expected === null || isMet) return ended(fault);
    const explanation = `record ${expected.sequence} with the MAC that was expected is not there`;
    return ended({ sequence: expected.sequence, kind: 'unexpected', explanation });
  }
}

function markOf({ sequence, mac }: Position): Mark {
  return { sequence, mac: hex(mac) };
}

function isMark(mark: Mark, position: Position): boolean {
  return position.sequence === mark.sequence && hex(position.mac) === mark.mac;
}

const FORGOTTEN_KEY =
  'was made with a key that is not in SECRET_KEY; to verify it, give the old secret as well: SECRET_KEY=new,old';

function checkLink(seals: Seals, link: Link, before: Position): Fault | null {
  const sequence = before.sequence + 1;
  if (link.sequence !== sequence) {
    const [last, missing] = [link.sequence - 1, link.sequence - sequence];
    const which = missing === 1 ? `record ${sequence} is` : `records ${sequence} to ${last} are`;
    return { sequence, kind: 'missing', explanation: `${which} missing` };
  }
  const check = seals.checkLink(link);
  if (check === 'unknown-key')
    return { sequence, kind: 'unknown-key', explanation: `record ${sequence} ${FORGOTTEN_KEY}` };
  if (check === 'forged') return findOrigin(seals, link);
  if (!isSameMac(link.previousMac, before.mac)) {
    const explanation = `record ${sequence} does not follow record ${before.sequence}, which is another one than it was`;
    return { sequence, kind: 'moved', explanation };
  }
  return link.type === 'audit-resumed' ? checkResumption(seals, link, before) : null;
}

/** How far from its position the original position of a moved record is searched. */
const MAX_SEARCH_DISTANCE = 10_000;

function findOrigin(seals: Seals, link: Link): Fault {
  const { sequence } = link;
  for (let distance = 1; distance <= MAX_SEARCH_DISTANCE; distance += 1) {
    for (const origin of [sequence - distance, sequence + distance]) {
      if (seals.checkLink({ ...link, sequence: origin }) !== 'genuine') continue;
      const explanation = `record ${sequence} is out of place; it was written as record ${origin}`;
      return { sequence, kind: 'moved', explanation };
    }
  }
  const explanation = `record ${sequence} was changed after it was written, or added by another program`;
  return { sequence, kind: 'changed', explanation };
}

/** Checks where the chain begins: at its first record until retention cuts. */
function checkFirst(seals: Seals, first: End | null, oldest: Position | null): Fault | null {
  const { sequence } = first ?? BEGINNING;
  const fault = first === null ? null : checkEnd(seals, 'first', first);
  if (fault !== null) return fault;
  if (oldest === null || oldest.sequence > sequence) return null;
  const explanation = `record ${oldest.sequence} was added before the oldest one`;
  return { sequence: oldest.sequence, kind: 'added', explanation };
}

/** Checks the row of the newest record, once all existing records were read. */
function checkLast(seals: Seals, last: End | null, position: Position): Fault | null {
  const next = position.sequence + 1;
  if (last === null) {
    const isEmpty = position === BEGINNING;
    return isEmpty ? null : forgedEnd(position.sequence, 'the row that names the newest record is missing');
  }
  const fault = checkEnd(seals, 'last', last);
  if (fault !== null) return fault;
  if (last.sequence > position.sequence) {
    const which = last.sequence === next ? `record ${next} is` : `records ${next} to ${last.sequence} are`;
    return { sequence: next, kind: 'cut', explanation: `${which} missing from the end` };
  }
  if (last.sequence < position.sequence)
    return forgedEnd(last.sequence + 1, `record ${last.sequence} is named as the newest, and it is not`);
  return isSameMac(last.mac, position.mac)
    ? null
    : forgedEnd(position.sequence, 'the newest record is another one');
}

function checkEnd(seals: Seals, name: 'first' | 'last', end: End): Fault | null {
  const check = seals.checkEnd(name, end);
  if (check === 'genuine') return null;
  const { sequence } = end;
  const what =
    name === 'last' ? 'the row that names the newest record' : 'the row that names the oldest record';
  if (check === 'unknown-key')
    return { sequence, kind: 'unknown-key', explanation: `${what} ${FORGOTTEN_KEY}` };
  return forgedEnd(sequence, `${what} was changed`);
}

function forgedEnd(sequence: number, explanation: string): Fault {
  return { sequence, kind: 'end-forged', explanation };
}

// A node whose key is new cannot check an end that the old one has sealed, and records what it found. With both keys
// it can be checked.
function checkResumption(seals: Seals, link: Link, before: Position): Fault | null {
  const { sequence } = link;
  const [, missed] = /"missed":"(\d{1,16}):[0-9a-f]{64}"/.exec(link.details) ?? [];
  if (missed !== undefined) {
    const explanation = `before record ${sequence} was written, an older state of the log was put back; record ${missed} and others are missing`;
    return { sequence, kind: 'cut', explanation };
  }
  const found = endIn(link.details);
  const check = found === null ? 'forged' : seals.checkEnd('last', found);
  if (check === 'unknown-key')
    return {
      sequence,
      kind: 'unknown-key',
      explanation: `the end that was found before record ${sequence} ${FORGOTTEN_KEY}`,
    };
  const isTrue = found !== null && found.sequence === before.sequence && isSameMac(found.mac, before.mac);
  if (check === 'genuine' && isTrue) return null;
  const explanation = `before record ${sequence} was written, the row that names the newest record had been changed; the last records of that time may be missing`;
  return forgedEnd(sequence, explanation);
}

function endIn(details: string): End | null {
  const [, sequence, mac, keyId, seal] =
    /"(\d{1,16}):([0-9a-f]{64}):([0-9a-f]{16}):([0-9a-f]{64})"/.exec(details) ?? [];
  if (sequence === undefined || mac === undefined || keyId === undefined || seal === undefined) return null;
  return { sequence: Number(sequence), mac: Buffer.from(mac, 'hex'), keyId, seal: Buffer.from(seal, 'hex') };
}
