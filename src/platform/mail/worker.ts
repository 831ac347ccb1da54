import { describeError, type Log } from '../observability/log.ts';
import { SECOND } from '../runtime/clock.ts';
import { waitAtMost } from '../runtime/wait-at-most.ts';
import { type DeliveryParts, deliverDue } from './delivery.ts';

/** What sends the mail of this node. */
export type MailWorker = {
  /** Sends what is due, once; returns how many mails that were. */
  readonly deliverDue: () => Promise<number>;
  /** Does so every few seconds from now on, and soon after a mail was queued. */
  readonly start: () => void;
  /** Says that a mail may be waiting soon. */
  readonly wake: () => void;
  /** Lets the attempts under way end, for ten seconds, and begins no other. */
  readonly close: () => Promise<void>;
};

const INTERVAL = 5 * SECOND;

const GRACE = 10 * SECOND;

/** The transaction in which a mail is queued should be over by then; where it is not, the interval is soon enough. */
const AFTER_QUEUEING = SECOND / 20;

/** Runs the delivery beside the requests, which never wait for it (A58). It keeps no process alive. */
export function createMailWorker(parts: DeliveryParts, log: Log): MailWorker {
  let isClosed = false;
  let interval: NodeJS.Timeout | undefined;
  let soon: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;
  const run = () => {
    // One at a time; what is queued meanwhile is found by the run that is under way, or by the next.
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
      // A server may take minutes to accept a mail; who ends the process does not wait for it.
      await waitAtMost(GRACE, running ?? Promise.resolve()).catch(() => {});
      parts.transport.close();
      await running;
    },
  };
}
