import type * as sql from '../sql/database.ts';
import { limitTo } from '../sql/statements.ts';
import { bytesToId, idToBytes } from '../text/uuid.ts';
import type { End, EndName, Link, Place } from './seals.ts';

export type AuditTables = {
  audit_events: {
    /** From 1 on and without gaps, over all nodes. */
    sequence: number;
    happened_at: number;
    /** What happened, such as `signed-in`. */
    type: string;
    /** `success` or `failure`. */
    outcome: string;
    /** Whom it is about. It refers to nothing, so that the record outlives the account. */
    account_id: Uint8Array | null;
    session_id: Uint8Array | null;
    request_id: string | null;
    address: string | null;
    user_agent: string | null;
    /** What did it, where no request did, such as `user disable`. */
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

/** The records after a place, in order and at most so many. */
export async function linksBehind(
  queries: Queries,
  sequence: number,
  most: number,
): Promise<readonly Link[]> {
  const rows = await queries
    .selectFrom('audit_events')
    .selectAll()
    .where('sequence', '>', sequence)
    .orderBy('sequence')
    .limit(limitTo(most))
    .execute();
  return rows.map(linkOf);
}

/** The newest records, the oldest of them first: all of them, or those of one account. */
export async function newestLinks(
  queries: Queries,
  most: number,
  accountId: string | null = null,
): Promise<readonly Link[]> {
  const all = queries.selectFrom('audit_events').selectAll().orderBy('sequence', 'desc').limit(limitTo(most));
  const chosen = accountId === null ? all : all.where('account_id', '=', idToBytes(accountId));
  return (await chosen.execute()).map(linkOf).reverse();
}

/** The records about an account from before a place, the newest first and up to a number. */
export async function linksBefore(
  queries: Queries,
  accountId: string,
  sequence: number,
  most: number,
): Promise<readonly Link[]> {
  const rows = await queries
    .selectFrom('audit_events')
    .selectAll()
    .where('account_id', '=', idToBytes(accountId))
    .where('sequence', '<', sequence)
    .orderBy('sequence', 'desc')
    .limit(limitTo(most))
    .execute();
  return rows.map(linkOf);
}

/** The oldest record that is there. */
export async function oldestPlace(queries: Queries): Promise<Place | null> {
  const oldest = queries.selectFrom('audit_events').select(['sequence', 'mac']).orderBy('sequence');
  return (await oldest.limit(limitTo(1)).executeTakeFirst()) ?? null;
}

/** The record with a number. */
export async function placeAt(queries: Queries, sequence: number): Promise<Place | null> {
  const found = queries
    .selectFrom('audit_events')
    .select(['sequence', 'mac'])
    .where('sequence', '=', sequence);
  return (await found.executeTakeFirst()) ?? null;
}

/** The newest record from before a moment that one of some keys is said to have made. */
export async function newestBefore(
  queries: Queries,
  moment: number,
  keyIds: readonly string[],
): Promise<Link | null> {
  const row = await queries
    .selectFrom('audit_events')
    .selectAll()
    .where('happened_at', '<=', moment)
    .where('key_id', 'in', keyIds)
    .orderBy('happened_at', 'desc')
    .orderBy('sequence', 'desc')
    .limit(limitTo(1))
    .executeTakeFirst();
  return row === undefined ? null : linkOf(row);
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
 * Moves an end from where it was found to another place. Of all who do so at once, on however many nodes, the condition
 * lets one through.
 * @param found null where there was none; a second one who finds none meets a unique violation
 */
export async function moveEnd(
  queries: Queries,
  name: EndName,
  found: Place | null,
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
    account_id: link.accountId === null ? null : idToBytes(link.accountId),
    session_id: link.sessionId === null ? null : idToBytes(link.sessionId),
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
    accountId: row.account_id === null ? null : bytesToId(row.account_id),
    sessionId: row.session_id === null ? null : bytesToId(row.session_id),
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
