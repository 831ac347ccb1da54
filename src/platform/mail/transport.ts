import { SECOND, TookTooLong, waitAtMost } from '../runtime/index.ts';
import type { RenderedMail } from './email.ts';

/** A mail as it is handed to a server or to the application. */
export type OutgoingMail = RenderedMail & {
  /** With its angle brackets. It stays the same however often the mail is sent (RFC 5322 §3.6.4). */
  readonly messageId: string;
  readonly from: { readonly name: string; readonly address: string };
  /** Exactly one address. */
  readonly to: string;
  readonly date: Date;
  /** Headers to be sent besides those that each mail has. */
  readonly headers: Readonly<Record<string, string>>;
};

export type MailParts = {
  readonly id: string;
  readonly recipient: string;
  readonly from: OutgoingMail['from'];
  /** Milliseconds of UTC. */
  readonly createdAt: number;
  readonly content: RenderedMail;
};

/** Addresses a mail. Each attempt sends the same `Message-ID` and `Date`, by which a second copy is recognised. */
export function outgoingMail({ id, recipient, from, createdAt, content }: MailParts): OutgoingMail {
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  return {
    ...content,
    messageId: `<${id}@${domain}>`,
    from,
    to: recipient,
    date: new Date(createdAt),
    // RFC 3834 §5; the other header prevents out-of-office replies of Exchange.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  };
}

/** The result of one attempt to send a mail. */
export type Outcome =
  | { readonly kind: 'sent' }
  | ({
      /**
       * `refused`: the server will refuse it again. `deferred`: it may be accepted later. `unreachable` says nothing about
       * this mail: the server could not be reached, refused the login, or broke the connection.
       */
      readonly kind: 'refused' | 'deferred' | 'unreachable';
    } & Trouble);

/** Why a mail was not sent. */
export type Trouble = {
  /** The number of the server's reply, or the name of the error; never an address. */
  readonly code: string | null;
  /** The same in words, for the operator. They may contain the recipient's address. */
  readonly answer: string;
};

/** A way for mail to leave this system. */
export type Transport = {
  readonly send: (mail: OutgoingMail) => Promise<Outcome>;
  readonly close: () => void;
};

const LONGEST_ANSWER = 400;

/** The reply of a server as it is kept: on one line, and shortened. */
export function answerFrom(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, LONGEST_ANSWER);
}

/**
 * Sends mail for an application, by the API of a provider. It may be called twice for one mail, with the same
 * `messageId`: if it threw, or if the process ended meanwhile.
 * @throws {MailRefusedError} when the mail is given up; any other error means: try again later
 */
export type SendMail = (mail: OutgoingMail) => Promise<void>;

/** Thrown by a `sendMail` for a mail that is to be given up. Its message is kept for the operator. */
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
        return failureOfApplication(error);
      }
    },
    close: () => {},
  };
}

function failureOfApplication(error: unknown): Outcome {
  const { name, message } = error instanceof Error ? error : { name: typeof error, message: '' };
  const kind = error instanceof MailRefusedError ? 'refused' : 'deferred';
  const answer = error instanceof TookTooLong ? 'sendMail did not end in time' : message;
  return { kind, code: name, answer: answerFrom(answer) };
}
