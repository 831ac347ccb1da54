import type { OutgoingMail } from './outgoing-mail.ts';

/** What became of one attempt to send a mail. */
export type Outcome =
  | { readonly kind: 'sent' }
  | ({
      /**
       * `refused` will be refused the next time, too; `deferred` may be taken later. `unreachable` says nothing of this
       * mail: the server could not be spoken to, would not let us in, or broke off.
       */
      readonly kind: 'refused' | 'deferred' | 'unreachable';
    } & Trouble);

/** Why a mail was not sent. */
export type Trouble = {
  /** The number of the server's reply, or the name of what went wrong; never an address. */
  readonly code: string | null;
  /** The same in words, for whoever runs the site. They may hold the recipient's address. */
  readonly answer: string;
};

/** A way for mail to leave this system. */
export type Transport = {
  readonly send: (mail: OutgoingMail) => Promise<Outcome>;
  readonly close: () => void;
};

const LONGEST_ANSWER = 400;

/** What a server said, as it is kept: one line, and not too long. */
export function answerFrom(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, LONGEST_ANSWER);
}
