import { randomBytes, randomInt } from 'node:crypto';
import type { Announce, EventData, EventDefinition } from '../events/index.ts';
import { describeError, type Log } from '../observability/index.ts';
import { type Clock, DAY, HOUR, MINUTE, SECOND, waitAtMost } from '../runtime/index.ts';
import type { Database } from '../sql/index.ts';
import { mailEvents } from './events.ts';
import type { MailSeal } from './seal.ts';
import { SMTP_PATIENCE } from './smtp.ts';
import type { MailTables } from './store.ts';
import { deleteMail, dueMail, type SealedRow, type Settlement, settleMail, takeMail } from './store.ts';
import { type Outcome, type OutgoingMail, outgoingMail, type Transport, type Trouble } from './transport.ts';

/** Longer than any attempt takes: after it, the node that took the mail has died, and another node takes the mail. */
const LEASE = SMTP_PATIENCE.handOver + SMTP_PATIENCE.acceptance + MINUTE;
const BATCH = 50;
/** As many as there are connections to the server. */
const AT_ONCE = 5;

export type DeliveryParts = {
  readonly database: Database<MailTables>;
  readonly seal: MailSeal;
  readonly transport: Transport;
  readonly from: OutgoingMail['from'];
  readonly clock: Clock;
  readonly announce: Announce;
};

/**
 * Sends what is due until nothing is left, the server is unavailable, or `isClosing` returns true. Several nodes may do so
 * at once.
 * @returns how many mails were sent
 */
async function deliverDue(parts: DeliveryParts, isClosing: () => boolean = () => false): Promise<number> {
  let sent = 0;
  for (;;) {
    const due = await dueMail(parts.database.queries, parts.clock(), BATCH);
    let taken = 0;
    for (let start = 0; start < due.length; start += AT_ONCE) {
      if (isClosing()) return sent;
      const outcomes = await Promise.all(due.slice(start, start + AT_ONCE).map((row) => deliver(parts, row)));
      taken += outcomes.filter((outcome) => outcome !== 'left').length;
      sent += outcomes.filter((outcome) => outcome === 'sent').length;
      // Each of the others would wait and then fail in the same way.
      if (outcomes.includes('unreachable')) return sent;
    }
    // The rest was taken by other nodes.
    if (taken === 0) return sent;
  }
}

type Delivered = Outcome['kind'] | 'left';

async function deliver(parts: DeliveryParts, row: SealedRow): Promise<Delivered> {
  const { database, clock } = parts;
  const lease = randomBytes(16);
  const isTaken = await takeMail(database.queries, row, lease, clock() + LEASE);
  if (!isTaken) return 'left';
  const outcome = await attempt(parts, row);
  const attempts = row.attempts + 1;
  if (outcome.kind === 'sent') {
    await deleteMail(database.queries, row.id);
    announceAbout(parts, mailEvents.mailSent, { ...about(row), attempts });
    return 'sent';
  }
  const settlement = settled(outcome, row, clock());
  if (await settleMail(database.queries, row.id, lease, settlement))
    announceDelay(parts, row, outcome, settlement);
  return outcome.kind;
}

async function attempt({ seal, transport, from }: DeliveryParts, row: SealedRow): Promise<Outcome> {
  if (row.attempts >= MOST_ATTEMPTS)
    return { kind: 'refused', code: 'attempts', answer: row.answer ?? 'each attempt broke off' };
  const content = seal.open(row.sealed, row);
  if (content === null)
    return { kind: 'refused', code: 'sealed', answer: 'it was sealed with a SECRET_KEY that is not set' };
  const { id, recipient, createdAt } = row;
  return transport.send(outgoingMail({ id, recipient, from, createdAt, content }));
}

function settled({ kind, answer }: Trouble & Outcome, row: SealedRow, now: number): Settlement {
  const age = now - row.createdAt;
  // An unavailable server has not decided about the mail, so the attempt does not count.
  const attempts = kind === 'unreachable' ? row.attempts : row.attempts + 1;
  const isFinal =
    kind === 'refused' || (kind === 'unreachable' ? age >= LONGEST_WAIT : attempts >= MOST_ATTEMPTS);
  if (isFinal) return { attempts, dueAt: null, answer, failedAt: now };
  const pause = kind === 'unreachable' ? pauseWhileUnavailable(age) : pauseAfter(attempts);
  return { attempts, dueAt: now + pause, answer, failedAt: null };
}

function announceDelay(
  parts: DeliveryParts,
  row: SealedRow,
  { code }: Trouble,
  settlement: Settlement,
): void {
  const { attempts, dueAt } = settlement;
  const data = { ...about(row), attempts, code };
  if (dueAt === null) announceAbout(parts, mailEvents.mailFailed, data);
  else announceAbout(parts, mailEvents.mailDelayed, { ...data, nextAttemptAt: dueAt });
}

function announceAbout<Data extends EventData>(
  { announce }: DeliveryParts,
  event: EventDefinition<Data>,
  data: NoInfer<Data>,
): void {
  announce(event, data, { work: 'mail' });
}

function about({ id, message, ownerId }: SealedRow) {
  return { mailId: id, message, subject: ownerId };
}

/** The attempt after these gives a mail up that its server defers. */
const MOST_ATTEMPTS = 12;
const FIRST_PAUSE = MINUTE;
const LONGEST_PAUSE = 6 * HOUR;

/** RFC 5321 §4.5.4.1: retry for four to five days while a server cannot be reached. */
const LONGEST_WAIT = 5 * DAY;
const LONGEST_PAUSE_WHILE_UNAVAILABLE = 15 * MINUTE;

/** How long a deferred mail waits: a minute, and twice as long each time. Milliseconds. */
function pauseAfter(attempts: number): number {
  return spread(Math.min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE));
}

/** How long a mail waits for an unavailable server; the longer, the older it is. */
function pauseWhileUnavailable(age: number): number {
  return spread(Math.min(Math.max(age / 4, FIRST_PAUSE), LONGEST_PAUSE_WHILE_UNAVAILABLE));
}

// By up to a quarter, so that mails that were deferred together are not retried together.
function spread(pause: number): number {
  return Math.round((pause * randomInt(75, 126)) / 100);
}

/** Sends the mail of this node. */
export type MailWorker = {
  /** Sends what is due, once; returns how many mails were sent. */
  readonly deliverDue: () => Promise<number>;
  /** Sends every few seconds from now on, and soon after a mail was queued. */
  readonly start: () => void;
  /** Reports that a mail may be due soon. */
  readonly wake: () => void;
  /** Waits up to ten seconds for the attempts under way, and begins no other. */
  readonly close: () => Promise<void>;
};

const INTERVAL = 5 * SECOND;

const GRACE = 10 * SECOND;

/** The transaction that queues a mail has usually ended by then; otherwise the next interval finds the mail. */
const AFTER_QUEUEING = SECOND / 20;

/** Delivers beside the requests, which never wait for it (A58). It does not keep the process alive. */
export function createMailWorker(parts: DeliveryParts, log: Log): MailWorker {
  let isClosed = false;
  let interval: NodeJS.Timeout | undefined;
  let soon: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;
  const run = () => {
    // One at a time; what is queued meanwhile is found by the current run, or by the next.
    running ??= deliverDue(parts, () => isClosed)
      .then(
        () => {},
        (error: unknown) => log.warn({ event: 'mail-not-delivered', error: describeError(error) }),
      )
      .finally(() => {
        running = null;
      });
  };
  return {
    deliverDue: () => deliverDue(parts),
    start: () => {
      interval = setInterval(run, INTERVAL).unref();
      run();
    },
    wake: () => {
      if (interval === undefined || isClosed || soon !== undefined) return;
      soon = setTimeout(() => {
        soon = undefined;
        run();
      }, AFTER_QUEUEING).unref();
    },
    close: async () => {
      isClosed = true;
      clearInterval(interval);
      clearTimeout(soon);
      // A server may take minutes to accept a mail; the end of the process does not wait for it.
      await waitAtMost(GRACE, running ?? Promise.resolve()).catch(() => {});
      parts.transport.close();
      await running;
    },
  };
}

/** Where no mail is sent. */
export const IDLE_WORKER: MailWorker = {
  deliverDue: async () => 0,
  start: () => {},
  wake: () => {},
  close: async () => {},
};
