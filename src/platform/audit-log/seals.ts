import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Secrets } from '../crypto/secrets.ts';
import type { AuditRecord } from './record.ts';

/** A place in the chain: a record by its number and its MAC. */
export type Place = { readonly sequence: number; readonly mac: Uint8Array };

/** Before the first record there is nothing. */
export const BEGINNING: Place = { sequence: 0, mac: new Uint8Array(32) };

/** A record in its place in the chain. */
export type Link = AuditRecord &
  Place & {
    readonly keyId: string;
    /** Of the record before. */
    readonly previousMac: Uint8Array;
  };

export type EndName = 'first' | 'last';

/** One end of the chain, sealed, so that nobody can move it who does not have the key. */
export type End = Place & { readonly keyId: string; readonly seal: Uint8Array };

/** Whether something was made with one of the keys, or nobody can tell, as the key is not known here. */
export type Judgement = 'genuine' | 'forged' | 'unknown-key';

/** What makes and judges MACs, with keys derived from `SECRET_KEY`. */
export type Seals = {
  /** The names of the keys that are known. */
  readonly keyIds: readonly string[];
  readonly link: (record: AuditRecord, before: Place) => Link;
  readonly judgeLink: (link: Link) => Judgement;
  readonly end: (name: EndName, place: Place) => End;
  readonly judgeEnd: (name: EndName, end: End) => Judgement;
};

/** @see RFC 2104 (HMAC), RFC 5869 (how the keys are derived) */
export function createSeals(secrets: Secrets): Seals {
  const keys = secrets.keys('audit');
  const known = new Map(keys.map((key) => [keyIdOf(key), key]));
  const [newest] = keys;
  const newestId = keyIdOf(newest);
  const judge = (keyId: string, bytes: string, mac: Uint8Array): Judgement => {
    const key = known.get(keyId);
    if (key === undefined) return 'unknown-key';
    return isSame(hmac(key, bytes), mac) ? 'genuine' : 'forged';
  };
  return {
    keyIds: [...known.keys()],
    link: (record, before) => {
      const link = { ...record, sequence: before.sequence + 1, previousMac: before.mac, keyId: newestId };
      return { ...link, mac: hmac(newest, bytesOfLink(link)) };
    },
    judgeLink: (link) => judge(link.keyId, bytesOfLink(link), link.mac),
    end: (name, { sequence, mac }) => {
      const end = { sequence, mac, keyId: newestId };
      return { ...end, seal: hmac(newest, bytesOfEnd(name, end)) };
    },
    judgeEnd: (name, end) => judge(end.keyId, bytesOfEnd(name, end), end.seal),
  };
}

/** Whether two MACs are one. */
export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function hmac(key: KeyObject, bytes: string): Buffer {
  return createHmac('sha256', key).update(bytes).digest();
}

function keyIdOf(key: KeyObject): string {
  return hmac(key, 'latchkey audit key id v1').toString('hex').slice(0, 16);
}

// An array of JSON is one text for one record: it quotes what is text, and keeps the order.
function bytesOfLink(link: Omit<Link, 'mac'>): string {
  return JSON.stringify([
    'latchkey audit record v1',
    link.sequence,
    hex(link.previousMac),
    link.keyId,
    link.happenedAt,
    link.type,
    link.outcome,
    link.accountId,
    link.sessionId,
    link.requestId,
    link.address,
    link.userAgent,
    link.work,
    link.details,
  ]);
}

function bytesOfEnd(name: EndName, { sequence, mac, keyId }: Omit<End, 'seal'>): string {
  return JSON.stringify(['latchkey audit end v1', name, sequence, hex(mac), keyId]);
}

/** A place as an operator notes it, for `latchkey audit verify --expect`. */
export function writtenPlace({ sequence, mac }: Place): string {
  return `${sequence}:${hex(mac)}`;
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
