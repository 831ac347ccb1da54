import type { ShownMail } from '../platform/mail/index.ts';
import { codeIn, linksIn } from './mail-content.ts';

/** A mail that was not sent. */
export type TestMail = {
  readonly to: string;
  /** Which mail it is, such as `reset-password`: docs/email.md. */
  readonly name: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** The addresses in the text, from the top. */
  readonly links: readonly string[];
  /** The code to type in, of a mail that has one. */
  readonly code: string | null;
  /** Milliseconds of UTC. */
  readonly sentAt: number;
};

/** The mails that users would have received. */
export type TestMails = {
  /** The oldest first; of many, the last hundred. */
  all(): Promise<readonly TestMail[]>;
  /**
   * The newest mail to an address. Rejects if there is none; for a server in another process, after five seconds.
   */
  lastTo(address: string): Promise<TestMail>;
};

export type MailParts = {
  /** The newest first. */
  readonly list: () => Promise<readonly ShownMail[]>;
  /** Lets some time pass until the next look; false if no further mail is to be expected. */
  readonly waits: (looks: number) => Promise<boolean>;
};

export function createTestMails({ list, waits }: MailParts): TestMails {
  return {
    all: async () => (await list()).map(testMailFrom).toReversed(),
    lastTo: async (address) => {
      for (let looks = 1; ; looks += 1) {
        const mails = await list();
        const newest = mails.find(({ to }) => to.toLowerCase() === address.toLowerCase());
        if (newest !== undefined) return testMailFrom(newest);
        if (await waits(looks)) continue;
        const others = [...new Set(mails.map(({ to }) => to))].join(', ') || 'no address';
        throw new Error(`no mail has been sent to ${address}; there are mails to ${others}`);
      }
    },
  };
}

function testMailFrom({ to, message, subject, text, html, date }: ShownMail): TestMail {
  return {
    to,
    name: message,
    subject,
    text,
    html,
    links: linksIn(text),
    code: codeIn(text),
    sentAt: date.getTime(),
  };
}
