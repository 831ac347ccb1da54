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
import { toolPath } from './system-packages.ts';

/** A private mail server that stores what it accepts. */
export type MailServer = PrivateServer & {
  /** The mails that it has delivered to the users of example.org, as stored in their mailbox. */
  readonly delivered: () => readonly string[];
};

/** The path of OpenSMTPD. @throws {Error} saying how to install it, or that it does not start */
export function opensmtpdPath(): string {
  // It runs as processes of several users, so root has to start it.
  if (process.getuid?.() !== 0) throw new Error('OpenSMTPD is started by root alone; run the tests as root');
  return toolPath({ name: 'OpenSMTPD', command: 'smtpd', folders: ['/usr/sbin'], package: 'opensmtpd' });
}

/** Starts a private instance of OpenSMTPD, which accepts mail for example.org and rejects all other mail. */
export async function startOpensmtpd(): Promise<MailServer> {
  const command = opensmtpdPath();
  const runAs = unprivileged();
  const folder = privateFolder('opensmtpd', {});
  const mailboxes = privateFolder('mailboxes', runAs);
  const port = await freePort();
  const configuration = privateFile(folder, 'smtpd.conf', settings(port, mailboxes), {});
  const args = ['-d', '-f', configuration];
  const server = await startServer({ command, args, runAs: {}, folder, readiness: 'starting' });
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
