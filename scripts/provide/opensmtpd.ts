import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import {
  type PrivateServer,
  privateFile,
  privateFolder,
  startServer,
  unprivileged,
} from './private-server.ts';
import { programPath } from './system-packages.ts';

/** A mail server of our own, which keeps what it takes. */
export type MailServer = PrivateServer & {
  /** The mails that it has delivered to the people of example.org, as they lie in their mailbox. */
  readonly delivered: () => readonly string[];
};

/** Where OpenSMTPD is. @throws {Error} saying how to get it, or that it would not start */
export function opensmtpdPath(): string {
  // It divides itself into processes of several users, and asks to be started by the one who may.
  if (process.getuid?.() !== 0) throw new Error('OpenSMTPD is started by root alone; run the tests as root');
  return programPath({ name: 'OpenSMTPD', program: 'smtpd', folders: ['/usr/sbin'], package: 'opensmtpd' });
}

/** Starts an OpenSMTPD of our own, which takes mail for example.org and refuses all other. */
export async function startOpensmtpd(): Promise<MailServer> {
  const program = opensmtpdPath();
  const runAs = unprivileged();
  const folder = privateFolder('opensmtpd', {});
  const mailboxes = privateFolder('mailboxes', runAs);
  const port = await freePort();
  const configuration = privateFile(folder, 'smtpd.conf', settings(port, mailboxes), {});
  const words = ['-d', '-f', configuration];
  const server = await startServer({ program, words, runAs: {}, folder, readiness: 'starting' });
  return {
    ...server,
    url: `smtp://127.0.0.1:${port}`,
    delivered: () => mailsIn(join(mailboxes, 'all', 'new')),
    stop: async () => {
      await server.stop();
      rmSync(mailboxes, { recursive: true, force: true });
    },
  };
}

function settings(port: number, mailboxes: string): string {
  return `table people { "@" = "nobody" }
listen on 127.0.0.1 port ${port}
action "keep" maildir "${join(mailboxes, 'all')}" virtual <people> user nobody
match from any for domain "example.org" action "keep"
`;
}

function mailsIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
}
