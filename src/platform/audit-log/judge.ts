import { BEGINNING, type End, hex, isSame, type Link, type Place, type Seals } from './seals.ts';

export type FaultKind =
  | 'changed'
  | 'missing'
  | 'moved'
  | 'added'
  | 'cut'
  | 'end-forged'
  | 'unknown-key'
  | 'unexpected';

/** What is wrong with the chain, and from which record on. */
export type Fault = { readonly sequence: number; readonly kind: FaultKind; readonly explanation: string };

const FORGOTTEN_KEY =
  'was made with a key that is not in SECRET_KEY; to verify it, give the old secret as well: SECRET_KEY=new,old';

/** Judges a record, and whether it follows the one before. */
export function judgeLink(seals: Seals, link: Link, before: Place): Fault | null {
  const sequence = before.sequence + 1;
  if (link.sequence !== sequence) {
    const [last, most] = [link.sequence - 1, link.sequence - sequence];
    const which = most === 1 ? `record ${sequence} is` : `records ${sequence} to ${last} are`;
    return { sequence, kind: 'missing', explanation: `${which} missing` };
  }
  const judgement = seals.judgeLink(link);
  if (judgement === 'unknown-key')
    return { sequence, kind: 'unknown-key', explanation: `record ${sequence} ${FORGOTTEN_KEY}` };
  if (judgement === 'forged') return whereFrom(seals, link);
  if (!isSame(link.previousMac, before.mac)) {
    const explanation = `record ${sequence} does not follow record ${before.sequence}, which is another one than it was`;
    return { sequence, kind: 'moved', explanation };
  }
  return link.type === 'audit-resumed' ? judgeResumption(seals, link, before) : null;
}

/** So far a record is looked for that somebody has moved. */
const FAR = 10_000;

function whereFrom(seals: Seals, link: Link): Fault {
  const { sequence } = link;
  for (let distance = 1; distance <= FAR; distance += 1) {
    for (const place of [sequence - distance, sequence + distance]) {
      if (seals.judgeLink({ ...link, sequence: place }) !== 'genuine') continue;
      const explanation = `record ${sequence} is out of place; it was written as record ${place}`;
      return { sequence, kind: 'moved', explanation };
    }
  }
  const explanation = `record ${sequence} was changed after it was written, or added by somebody else`;
  return { sequence, kind: 'changed', explanation };
}

/** Judges where the chain begins, which is at its first record until retention cuts. */
export function judgeFirst(seals: Seals, first: End | null, oldest: Place | null): Fault | null {
  const { sequence } = first ?? BEGINNING;
  const fault = first === null ? null : judgeEnd(seals, 'first', first);
  if (fault !== null) return fault;
  if (oldest === null || oldest.sequence > sequence) return null;
  const explanation = `record ${oldest.sequence} was added before the oldest one`;
  return { sequence: oldest.sequence, kind: 'added', explanation };
}

/** Judges the row that tells the newest record, once all that are there were read. */
export function judgeLast(seals: Seals, last: End | null, place: Place): Fault | null {
  const next = place.sequence + 1;
  if (last === null) {
    const isEmpty = place === BEGINNING;
    return isEmpty ? null : forgedEnd(place.sequence, 'the row that tells the newest record is missing');
  }
  const fault = judgeEnd(seals, 'last', last);
  if (fault !== null) return fault;
  if (last.sequence > place.sequence) {
    const which = last.sequence === next ? `record ${next} is` : `records ${next} to ${last.sequence} are`;
    return { sequence: next, kind: 'cut', explanation: `${which} missing from the end` };
  }
  if (last.sequence < place.sequence)
    return forgedEnd(last.sequence + 1, `record ${last.sequence} is told to be the newest, and it is not`);
  return isSame(last.mac, place.mac) ? null : forgedEnd(place.sequence, 'the newest record is another one');
}

function judgeEnd(seals: Seals, name: 'first' | 'last', end: End): Fault | null {
  const judgement = seals.judgeEnd(name, end);
  if (judgement === 'genuine') return null;
  const { sequence } = end;
  const what =
    name === 'last' ? 'the row that tells the newest record' : 'the row that tells the oldest record';
  if (judgement === 'unknown-key')
    return { sequence, kind: 'unknown-key', explanation: `${what} ${FORGOTTEN_KEY}` };
  return forgedEnd(sequence, `${what} was changed`);
}

function forgedEnd(sequence: number, explanation: string): Fault {
  return { sequence, kind: 'end-forged', explanation };
}

// A node whose key is new cannot believe an end that the old one has sealed, and says what it found. With both keys
// it shows whether that was true.
function judgeResumption(seals: Seals, link: Link, before: Place): Fault | null {
  const { sequence } = link;
  const [, missed] = /"missed":"(\d{1,16}):[0-9a-f]{64}"/.exec(link.details) ?? [];
  if (missed !== undefined) {
    const explanation = `before record ${sequence} was written, an older state of the log was put back; record ${missed} and others are gone`;
    return { sequence, kind: 'cut', explanation };
  }
  const told = endIn(link.details);
  const judgement = told === null ? 'forged' : seals.judgeEnd('last', told);
  if (judgement === 'unknown-key')
    return {
      sequence,
      kind: 'unknown-key',
      explanation: `the end that was found before record ${sequence} ${FORGOTTEN_KEY}`,
    };
  const isTrue = told !== null && told.sequence === before.sequence && isSame(told.mac, before.mac);
  if (judgement === 'genuine' && isTrue) return null;
  const explanation = `before record ${sequence} was written, somebody had changed the row that tells the newest record; what came last then may be missing`;
  return forgedEnd(sequence, explanation);
}

/** How an end is written into a record. */
export function toldEnd({ sequence, mac, keyId, seal }: End): string {
  return [sequence, hex(mac), keyId, hex(seal)].join(':');
}

function endIn(details: string): End | null {
  const [, sequence, mac, keyId, seal] =
    /"(\d{1,16}):([0-9a-f]{64}):([0-9a-f]{16}):([0-9a-f]{64})"/.exec(details) ?? [];
  if (sequence === undefined || mac === undefined || keyId === undefined || seal === undefined) return null;
  return { sequence: Number(sequence), mac: Buffer.from(mac, 'hex'), keyId, seal: Buffer.from(seal, 'hex') };
}
