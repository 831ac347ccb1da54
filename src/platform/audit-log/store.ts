import type * as sql from '../sql/index.ts';
import { limitTo } from '../sql/index.ts';
import { bytesToId, type Id, idToBytes } from '../text/index.ts';
import type { End, EndName, Link, Position } from './seals.ts';

export type AuditTables = {
  audit_events: {
    /** From 1 on and without gaps, over all nodes. */
    sequence: number;
    happened_at: number;
    /** The name of the event, such as `mail-sent`. */
    type: string;
    /** `success` or `failure`. */
    outcome: string;
    /** The subject. No foreign key, so that the record outlives it. */
    account_id: Uint8Array | null;
    /** The correlation id. */
    session_id: Uint8Array | null;
    request_id: string | null;
    address: string | null;
    user_agent: string | null;
    /** The work that caused it, if no request did, such as `user disable`. */
    work: string | null;
    /** The rest of the event, as JSON. */
    details: string;
    /** Which key made the MAC. */
    key_id: string;
    /** Of the record before. */
    previous_mac: Uint8Array;
    mac: Uint8Array;
  };
  audit_ends: {
    /** `last` is the newest record; `first` the one that the oldest follows, where retention has cut. */
    name: string;
    sequence: number;
    mac: Uint8Array;
    key_id: string;
    /** The MAC of this row. */
    seal: Uint8Array;
  };
};

type Queries = sql.Queries<AuditTables>;

type Row = AuditTables['audit_events'];

export async function insertLinks(queries: Queries, links: readonly Link[]): Promise<void> {
  await queries.insertInto('audit_events').values(links.map(rowOf)).execute();
}

/** The records after a number, in order. */
export async function linksBehind(queries: Queries, sequence: number, max: number): Promise<readonly Link[]> {
  const rows = await queries
    .selectFrom('audit_events')
    .selectAll()
    .where('sequence', '>', sequence)
    .orderBy('sequence')
    .limit(limitTo(max))
    .execute();
  return rows.map(linkOf);
}

/** The newest records, or those of one subject; the oldest of them first. */
export async function newestLinks(
  queries: Queries,
  max: number,
  subject: Id | null = null,
): Promise<readonly Link[]> {
  const all = queries.selectFrom('audit_events').selectAll().orderBy('sequence', 'desc').limit(limitTo(max));
  const chosen = subject === null ? all : all.where('account_id', '=', idToBytes(subject));
  return (await chosen.execute()).map(linkOf).reverse();
}

/** The records of one subject before a number, newest first. */
export async function linksBefore(
  queries: Queries,
  subject: Id,
  sequence: number,
  max: number,
): Promise<readonly Link[]> {
  const rows = await queries
    .selectFrom('audit_events')
    .selectAll()
    .where('account_id', '=', idToBytes(subject))
    .where('sequence', '<', sequence)
    .orderBy('sequence', 'desc')
    .limit(limitTo(max))
    .execute();
  return rows.map(linkOf);
}

export async function oldestPosition(queries: Queries): Promise<Position | null> {
  const oldest = queries.selectFrom('audit_events').select(['sequence', 'mac']).orderBy('sequence');
  return (await oldest.limit(limitTo(1)).executeTakeFirst()) ?? null;
}

export async function positionAt(queries: Queries, sequence: number): Promise<Position | null> {
  const found = queries
    .selectFrom('audit_events')
    .select(['sequence', 'mac'])
    .where('sequence', '=', sequence);
  return (await found.executeTakeFirst()) ?? null;
}

/** The newest record from before a time whose key id is among the given ones. */
export async function newestBefore(
  queries: Queries,
  time: number,
  keyIds: readonly string[],
): Promise<Link | null> {
  const row = await queries
    .selectFrom('audit_events')
    .selectAll()
    .where('happened_at', '<=', time)
    .where('key_id', 'in', keyIds)
    .orderBy('happened_at', 'desc')
    .orderBy('sequence', 'desc')
    .limit(limitTo(1))
    .executeTakeFirst();
  return row === undefined ? null : linkOf(row);
}

/** Whether a record or an end was ever made with another key. Reads all records where none was. */
export async function hasOtherKeys(queries: Queries, keyIds: readonly string[]): Promise<boolean> {
  const records = queries.selectFrom('audit_events').select('sequence').where('key_id', 'not in', keyIds);
  if ((await records.limit(limitTo(1)).executeTakeFirst()) !== undefined) return true;
  const ends = queries.selectFrom('audit_ends').select('name').where('key_id', 'not in', keyIds);
  return (await ends.executeTakeFirst()) !== undefined;
}

export async function deleteUpTo(queries: Queries, sequence: number): Promise<void> {
  await queries.deleteFrom('audit_events').where('sequence', '<=', sequence).execute();
}

export async function readEnd(queries: Queries, name: EndName): Promise<End | null> {
  const row = await queries
    .selectFrom('audit_ends')
    .select(['sequence', 'mac', 'key_id as keyId', 'seal'])
    .where('name', '=', name)
    .executeTakeFirst();
  return row ?? null;
}

/**
 * Moves an end. When several nodes move it at once, the condition lets one of them succeed.
 * @param found the end as it was read; null for none, where a second insert fails with a unique violation
 */
export async function moveEnd(
  queries: Queries,
  name: EndName,
  found: Position | null,
  { sequence, mac, keyId, seal }: End,
): Promise<boolean> {
  const values = { sequence, mac, key_id: keyId, seal };
  if (found === null) {
    await queries
      .insertInto('audit_ends')
      .values({ name, ...values })
      .execute();
    return true;
  }
  const { numUpdatedRows } = await queries
    .updateTable('audit_ends')
    .set(values)
    .where('name', '=', name)
    .where('sequence', '=', found.sequence)
    .where('mac', '=', found.mac)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

function rowOf(link: Link): Row {
  return {
    sequence: link.sequence,
    happened_at: link.happenedAt,
    type: link.type,
    outcome: link.outcome,
    account_id: link.subject === null ? null : idToBytes(link.subject),
    session_id: link.correlationId === null ? null : idToBytes(link.correlationId),
    request_id: link.requestId,
    address: link.address,
    user_agent: link.userAgent,
    work: link.work,
    details: link.details,
    key_id: link.keyId,
    previous_mac: link.previousMac,
    mac: link.mac,
  };
}

function linkOf(row: Row): Link {
  return {
    sequence: row.sequence,
    happenedAt: row.happened_at,
    type: row.type,
    outcome: row.outcome,
    subject: row.account_id === null ? null : bytesToId(row.account_id),
    correlationId: row.session_id === null ? null : bytesToId(row.session_id),
    requestId: row.request_id,
    address: row.address,
    userAgent: row.user_agent,
    work: row.work,
    details: row.details,
    keyId: row.key_id,
    previousMac: row.previous_mac,
    mac: row.mac,
  };
}
