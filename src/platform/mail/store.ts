import type * as sql from '../sql/index.ts';
import { deleteExpired, limitTo } from '../sql/index.ts';
import { bytesToId, type Id, idToBytes } from '../text/index.ts';

export type MailTables = {
  mail_outbox: {
    id: Uint8Array;
    /** The id of the owner, whose deletion deletes the mail; null for a mail that has to arrive all the same. */
    account_id: Uint8Array | null;
    recipient: string;
    /** Which mail it is, such as `invitation`. */
    message: string;
    /** Subject, text and HTML, encrypted: links in them carry tokens. */
    sealed: Uint8Array;
    created_at: number;
    /** How often a server replied to it, or broke off after receiving it. */
    attempts: number;
    /** When a node may take it: its next attempt, or the end of another node's lease. */
    due_at: number | null;
    /** Random bytes of the node that has taken it. */
    lease: Uint8Array | null;
    /** The server's last reply, or why it was not reached. */
    answer: string | null;
    /** When it was put into the mailbox of development. */
    shown_at: number | null;
    /** When it was given up. */
    failed_at: number | null;
  };
};

type Queries = sql.Queries<MailTables>;

/** A mail as it is put into the outbox. Times are milliseconds of UTC. */
export type NewOutboxRow = {
  readonly id: Id;
  readonly ownerId: Id | null;
  readonly recipient: string;
  readonly message: string;
  readonly sealed: Uint8Array;
  readonly now: number;
  /** Whether it waits to be sent, or is shown in the mailbox of development. */
  readonly goesTo: 'server' | 'mailbox';
};

export type OutboxRow = {
  readonly id: Id;
  readonly ownerId: Id | null;
  readonly recipient: string;
  readonly message: string;
  readonly createdAt: number;
  readonly attempts: number;
  readonly dueAt: number | null;
  readonly answer: string | null;
  /** When it was put into the mailbox of development. */
  readonly shownAt: number | null;
  readonly failedAt: number | null;
};

/** The same with its content. */
export type SealedRow = OutboxRow & { readonly sealed: Uint8Array };

const COLUMNS = [
  'id',
  'account_id',
  'recipient',
  'message',
  'created_at',
  'attempts',
  'due_at',
  'answer',
  'shown_at',
  'failed_at',
] as const;

export async function insertMail(queries: Queries, row: NewOutboxRow): Promise<void> {
  const { id, ownerId, recipient, message, sealed, now, goesTo } = row;
  await queries
    .insertInto('mail_outbox')
    .values({
      id: idToBytes(id),
      account_id: ownerId === null ? null : idToBytes(ownerId),
      recipient,
      message,
      sealed,
      created_at: now,
      attempts: 0,
      due_at: goesTo === 'server' ? now : null,
      lease: null,
      answer: null,
      shown_at: goesTo === 'mailbox' ? now : null,
      failed_at: null,
    })
    .execute();
}

/** Mails that are due, the longest overdue first; at most `max`. */
export async function dueMail(queries: Queries, now: number, max: number): Promise<readonly SealedRow[]> {
  const rows = await queries
    .selectFrom('mail_outbox')
    .select([...COLUMNS, 'sealed'])
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .orderBy('id')
    .limit(limitTo(max))
    .execute();
  return rows.map(sealedRowFrom);
}

/**
 * Takes a mail until the lease ends. Of two nodes that have read it as due, the first moves `due_at`, so the statement of
 * the second matches no row. The attempt counts from now on, so that a mail that crashes the process is given up as well.
 * @param lease 16 random bytes, other ones for each attempt
 */
export async function takeMail(
  queries: Queries,
  { id, dueAt, attempts }: OutboxRow,
  lease: Uint8Array,
  until: number,
): Promise<boolean> {
  const { numUpdatedRows } = await queries
    .updateTable('mail_outbox')
    .set({ lease, due_at: until, attempts: attempts + 1 })
    .where('id', '=', idToBytes(id))
    .where('due_at', '=', dueAt)
    .where('attempts', '=', attempts)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Deletes a mail that was sent, even if another node has taken it meanwhile. */
export async function deleteMail(queries: Queries, id: Id): Promise<void> {
  await queries.deleteFrom('mail_outbox').where('id', '=', idToBytes(id)).execute();
}

/** The state of a mail after an attempt that failed. */
export type Settlement = {
  readonly attempts: number;
  readonly dueAt: number | null;
  readonly answer: string;
  readonly failedAt: number | null;
};

/** Stores the result of a failed attempt, unless the lease has ended and another node has taken the mail. */
export async function settleMail(
  queries: Queries,
  id: Id,
  lease: Uint8Array,
  { attempts, dueAt, answer, failedAt }: Settlement,
): Promise<boolean> {
  const { numUpdatedRows } = await queries
    .updateTable('mail_outbox')
    .set({ attempts, due_at: dueAt, answer, failed_at: failedAt, lease: null })
    .where('id', '=', idToBytes(id))
    .where('lease', '=', lease)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Mails that wait or were given up, in the order in which they were queued, after `afterId`; at most `max`. */
export async function outboxAfter(
  queries: Queries,
  afterId: Id | null,
  max: number,
): Promise<readonly OutboxRow[]> {
  const ordered = queries
    .selectFrom('mail_outbox')
    .select(COLUMNS)
    .where('shown_at', 'is', null)
    .orderBy('id')
    .limit(limitTo(max));
  const rows = await (afterId === null ? ordered : ordered.where('id', '>', idToBytes(afterId))).execute();
  return rows.map(rowFrom);
}

/** Makes mails due now: one, or, for null, all that were given up. Returns how many they are. */
export async function retryMail(queries: Queries, id: Id | null, now: number): Promise<number> {
  const due = { attempts: 0, due_at: now, failed_at: null, lease: null };
  const update = queries.updateTable('mail_outbox').set(due).where('shown_at', 'is', null);
  const { numUpdatedRows } = await (id === null
    ? update.where('failed_at', 'is not', null)
    : update.where('id', '=', idToBytes(id)).where('lease', 'is', null)
  ).executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Mails in the mailbox of development, the newest first; at most `max`. */
export async function shownMail(queries: Queries, max: number): Promise<readonly SealedRow[]> {
  const rows = await queries
    .selectFrom('mail_outbox')
    .select([...COLUMNS, 'sealed'])
    .where('shown_at', 'is not', null)
    .orderBy('shown_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limitTo(max))
    .execute();
  return rows.map(sealedRowFrom);
}

/** One of them, or null. */
export async function oneShownMail(queries: Queries, id: Id): Promise<SealedRow | null> {
  const row = await queries
    .selectFrom('mail_outbox')
    .select([...COLUMNS, 'sealed'])
    .where('id', '=', idToBytes(id))
    .where('shown_at', 'is not', null)
    .executeTakeFirst();
  return row === undefined ? null : sealedRowFrom(row);
}

export async function mailOf(queries: Queries, ownerId: Id): Promise<readonly OutboxRow[]> {
  const rows = await queries
    .selectFrom('mail_outbox')
    .select(COLUMNS)
    .where('account_id', '=', idToBytes(ownerId))
    .orderBy('id')
    .execute();
  return rows.map(rowFrom);
}

type ReadColumns = Pick<MailTables['mail_outbox'], (typeof COLUMNS)[number]>;

function sealedRowFrom(row: ReadColumns & Pick<MailTables['mail_outbox'], 'sealed'>): SealedRow {
  return { ...rowFrom(row), sealed: row.sealed };
}

function rowFrom(row: ReadColumns): OutboxRow {
  return {
    id: bytesToId(row.id),
    ownerId: row.account_id === null ? null : bytesToId(row.account_id),
    recipient: row.recipient,
    message: row.message,
    createdAt: row.created_at,
    attempts: row.attempts,
    dueAt: row.due_at,
    answer: row.answer,
    shownAt: row.shown_at,
    failedAt: row.failed_at,
  };
}

/** Deletes mails that were given up, or shown in development, before these times; at most `max`. */
export async function deleteOldMail(
  queries: Queries,
  before: { readonly failed: number; readonly shown: number },
  max: number,
): Promise<number> {
  const outbox = { table: 'mail_outbox', key: 'id' } as const;
  const failed = await deleteExpired(queries, { ...outbox, column: 'failed_at' }, before.failed, max);
  return (
    failed + (await deleteExpired(queries, { ...outbox, column: 'shown_at' }, before.shown, max - failed))
  );
}
