import { SECOND } from '../runtime/clock.ts';
import { TookTooLong, waitAtMost } from '../runtime/wait-at-most.ts';
import type { OutgoingMail } from './outgoing-mail.ts';
import { answerFrom, type Outcome, type Transport } from './transport.ts';

/**
 * Sends mail for an application, by the interface of a provider. It may be called again for a mail that it was given
 * before, with the same `messageId`: when it threw, or when the process ended meanwhile.
 * @throws {MailRefusedError} when no later try would bring it; whatever else it throws means: try again later
 */
export type SendMail = (mail: OutgoingMail) => Promise<void>;

/** Thrown by a `sendMail` for a mail that no later try would bring. Its message is kept for whoever runs the site. */
export class MailRefusedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MailRefusedError';
  }
}

const PATIENCE = 60 * SECOND;

export function applicationTransport(sendMail: SendMail, patience: number = PATIENCE): Transport {
  return {
    send: async (mail) => {
      try {
        await waitAtMost(patience, sendMail(mail));
        return { kind: 'sent' };
      } catch (error) {
        return outcomeOf(error);
      }
    },
    close: () => {},
  };
}

function outcomeOf(error: unknown): Outcome {
  const { name, message } = error instanceof Error ? error : { name: typeof error, message: '' };
  const kind = error instanceof MailRefusedError ? 'refused' : 'deferred';
  const answer = error instanceof TookTooLong ? 'sendMail did not end in time' : message;
  return { kind, code: name, answer: answerFrom(answer) };
}
