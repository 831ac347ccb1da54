import { createHmac, type KeyObject } from 'node:crypto';
import { isSameMac, type Secrets } from '../crypto/index.ts';
import type { AuditRecord } from './record.ts';

/** A position in the chain: a record by its number and its MAC. */
export type Position = { readonly sequence: number; readonly mac: Uint8Array };

/** The position before the first record. */
export const BEGINNING: Position = { sequence: 0, mac: new Uint8Array(32) };

/** A record at its position in the chain. */
export type Link = AuditRecord &
  Position & {
    readonly keyId: string;
    /** Of the record before. */
    readonly previousMac: Uint8Array;
  };

export type EndName = 'first' | 'last';

/** One end of the chain, sealed, so that it cannot be moved without the key. */
export type End = Position & { readonly keyId: string; readonly seal: Uint8Array };

/** Whether something was made with one of the keys; `unknown-key` if its key is not among them. */
export type SealCheck = 'genuine' | 'forged' | 'unknown-key';

/** Makes and checks MACs, with keys derived from `SECRET_KEY`. */
export type Seals = {
  readonly keyIds: readonly string[];
  readonly link: (record: AuditRecord, before: Position) => Link;
  readonly checkLink: (link: Link) => SealCheck;
  readonly end: (name: EndName, position: Position) => End;
  readonly checkEnd: (name: EndName, end: End) => SealCheck;
};

/** @see RFC 2104 (HMAC), RFC 5869 (how the keys are derived) */
export function createSeals(secrets: Secrets): Seals {
  const keys = secrets.keys('audit');
  const known = new Map(keys.map((key) => [keyIdOf(key), key]));
  const [newest] = keys;
  const newestId = keyIdOf(newest);
  const check = (keyId: string, bytes: string, mac: Uint8Array): SealCheck => {
    const key = known.get(keyId);
    if (key === undefined) return 'unknown-key';
    return isSameMac(hmac(key, bytes), mac) ? 'genuine' : 'forged';
  };
  return {
    keyIds: [...known.keys()],
    link: (record, before) => {
      const link = { ...record, sequence: before.sequence + 1, previousMac: before.mac, keyId: newestId };
      return { ...link, mac: hmac(newest, bytesOfLink(link)) };
    },
    checkLink: (link) => check(link.keyId, bytesOfLink(link), link.mac),
    end: (name, { sequence, mac }) => {
      const end = { sequence, mac, keyId: newestId };
      return { ...end, seal: hmac(newest, bytesOfEnd(name, end)) };
    },
    checkEnd: (name, end) => check(end.keyId, bytesOfEnd(name, end), end.seal),
  };
}

function hmac(key: KeyObject, bytes: string): Buffer {
  return createHmac('sha256', key).update(bytes).digest();
}

function keyIdOf(key: KeyObject): string {
  return hmac(key, 'latchkey audit key id v1').toString('hex').slice(0, 16);
}

// A JSON array is unambiguous: it quotes texts and keeps the order.
function bytesOfLink(link: Omit<Link, 'mac'>): string {
  return JSON.stringify([
    'latchkey audit record v1',
    link.sequence,
    hex(link.previousMac),
    link.keyId,
    link.happenedAt,
    link.type,
    link.outcome,
    link.subject,
    link.correlationId,
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

/** A position as an operator notes it, for `latchkey audit verify --expect`. */
export function formatPosition({ sequence, mac }: Position): string {
  return `${sequence}:${hex(mac)}`;
}

/** How an end is written into a record. */
export function formatEnd({ sequence, mac, keyId, seal }: End): string {
  return [sequence, hex(mac), keyId, hex(seal)].join(':');
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
