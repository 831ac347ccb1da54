import { randomBytes } from 'node:crypto';
import type { Event, Observer } from '../../auth/events.ts';
import { type Clock, MINUTE } from '../runtime/clock.ts';
import type { Database } from '../sql/index.ts';
import { type OutgoingMail, outgoingMail } from './outgoing-mail.ts';
import { LONGEST_WAIT, MOST_ATTEMPTS, pauseAfter, pauseWhileAway } from './pauses.ts';
import type { MailSeal } from './seal.ts';
import { SMTP_PATIENCE } from './smtp.ts';
import type { MailTables } from './store.ts';
import { deleteMail, dueMail, type SealedRow, type Settlement, settleMail, takeMail } from './store.ts';
import type { Outcome, Transport, Trouble } from './transport.ts';

/** Longer than any attempt takes: when it is over, the node that took the mail is gone, and another one takes it. */
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
  readonly announce: Observer;
};

/**
 * Sends all that is due, until nothing is left, the server cannot be spoken to, or `isOver` says so. Several nodes may
 * do so at once.
 * @returns how many mails were sent
 */
export async function deliverDue(parts: DeliveryParts, isOver: () => boolean = () => false): Promise<number> {
  let sent = 0;
  for (;;) {
    const due = await dueMail(parts.database.queries, parts.clock(), BATCH);
    let taken = 0;
    for (let start = 0; start < due.length; start += AT_ONCE) {
      if (isOver()) return sent;
      const outcomes = await Promise.all(due.slice(start, start + AT_ONCE).map((row) => deliver(parts, row)));
      taken += outcomes.filter((outcome) => outcome !== 'left').length;
      sent += outcomes.filter((outcome) => outcome === 'sent').length;
      // The others would meet the same, each after waiting for it.
      if (outcomes.includes('unreachable')) return sent;
    }
    // What is left then is another node's.
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
    tell(parts, { type: 'mail-sent', ...about(row), attempts });
    return 'sent';
  }
  const settlement = settled(outcome, row, clock());
  if (await settleMail(database.queries, row.id, lease, settlement)) tellOf(parts, row, outcome, settlement);
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
  // A server that is away has not judged the mail, so the attempt does not count.
  const attempts = kind === 'unreachable' ? row.attempts : row.attempts + 1;
  const isOver =
    kind === 'refused' || (kind === 'unreachable' ? age >= LONGEST_WAIT : attempts >= MOST_ATTEMPTS);
  if (isOver) return { attempts, dueAt: null, answer, failedAt: now };
  const pause = kind === 'unreachable' ? pauseWhileAway(age) : pauseAfter(attempts);
  return { attempts, dueAt: now + pause, answer, failedAt: null };
}

function tellOf(parts: DeliveryParts, row: SealedRow, { code }: Trouble, settlement: Settlement): void {
  const { attempts, dueAt } = settlement;
  if (dueAt === null) tell(parts, { type: 'mail-failed', ...about(row), attempts, code });
  else tell(parts, { type: 'mail-delayed', ...about(row), attempts, code, nextAttemptAt: dueAt });
}

function about({ id, message, accountId }: SealedRow) {
  return { mailId: id, message, accountId };
}

function tell({ announce }: DeliveryParts, event: Event): void {
  announce(event, { work: 'mail' });
}
