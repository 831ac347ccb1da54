import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { MailMessage } from '../../src/auth/mail/message.ts';
import type { TestSystem } from './system.ts';

/** Somebody at a browser, at some time. */
function occasionAt(at: number) {
  return { at, browser: 'Firefox on Linux', place: 'Berlin, Germany', address: '192.0.2.7' };
}

/** A mail that asks for nothing but to be read. */
function noticeAt(now: number): MailMessage {
  const notice = { username: 'Ada', page: '/forgot-password', occasion: occasionAt(now) } as const;
  return { name: 'password-changed', ...notice, otherWays: [], disconnected: [] };
}

/** Queues so many mails, to addresses of their own. */
export async function queueNotices({ system, clock }: TestSystem, count = 1): Promise<readonly string[]> {
  const { database, mail } = system.core;
  const recipients = Array.from({ length: count }, (_, number) => `person.${number}@example.org`);
  const now = clock.read();
  for (const to of recipients) {
    const order = { to, accountId: null, message: noticeAt(now), now };
    await database.transaction((transaction) => mail.queue(transaction, order));
  }
  return recipients;
}

/** What waits in the outbox, or was given up. */
export async function outboxOf({ system }: TestSystem) {
  return system.core.database.queries.selectFrom('mail_outbox').selectAll().orderBy('id').execute();
}

const DAY = 86_400_000;

/** One of each mail, with what somebody unkind would like to see in it. */
export function everyMail(now: number, username = 'Ada'): readonly MailMessage[] {
  const occasion = occasionAt(now);
  const notice = { username, page: '/account', occasion } as const;
  const link = { page: '/confirm?token=x&y=z', expiresAt: now + DAY } as const;
  const code = '48210937';
  return [
    { name: 'confirm-address', ...link, code, occasion },
    { name: 'reset-password', ...notice, ...link },
    { name: 'address-change-confirm', ...link, occasion },
    { name: 'address-wanted', ...notice },
    { name: 'address-change-notice', ...notice, ...link },
    { name: 'password-changed', ...notice, otherWays: ['GitHub'], disconnected: ['Acme', 'GitLab'] },
    { name: 'password-disabled', ...notice, ...link },
    { name: 'address-changed', ...notice },
    { name: 'signed-in-from-new-device', ...notice, ...link },
    { name: 'session-ended-after-theft', ...notice },
    { name: 'account-disabled', username, occasion: { at: now, browser: null, place: null, address: null } },
    { name: 'account-deletion-requested', ...notice, deleteAt: now + 7 * DAY },
    { name: 'account-deleted', username, occasion },
    { name: 'registration-attempted', ...notice, resetPage: '/forgot-password' },
    { name: 'magic-link', ...notice, ...link, code },
    { name: 'identity-code', username, code, expiresAt: link.expiresAt, occasion },
    { name: 'invitation', ...link },
    { name: 'credential-changed', ...notice, change: 'added', credential: 'passkey', label: username },
    { name: 'credential-changed', ...notice, change: 'removed', credential: 'connection', label: 'GitHub' },
    { name: 'test', occasion },
  ];
}

/** A mail as the server got it. */
export type ReceivedMail = {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly parsed: ParsedMail;
  readonly isEncrypted: boolean;
  readonly user: string | null;
};

/** What the server says where it does not agree: a number and words, such as `450 later`; null lets it through. */
export type Replies = {
  sender: string | null;
  recipient: string | null;
  data: string | null;
};

/** A real mail server for one test. */
export type TestSmtp = AsyncDisposable & {
  readonly port: number;
  readonly url: string;
  readonly received: readonly ReceivedMail[];
  /** A test changes them as it goes. */
  readonly replies: Replies;
};

/**
 * Starts a mail server on this machine; options are those of the package `smtp-server`.
 * @param accepting what it waits for when it has received a mail, before it says so
 */
export async function startSmtp(
  options: SMTPServerOptions = {},
  chosenPort = 0,
  accepting = Promise.resolve(),
): Promise<TestSmtp> {
  const received: ReceivedMail[] = [];
  const replies: Replies = { sender: null, recipient: null, data: null };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.key === undefined ? ['STARTTLS'] : [],
    disableReverseLookup: true,
    closeTimeout: 100,
    onMailFrom: (_address, _session, done) => done(refusal(replies.sender)),
    onRcptTo: (_address, _session, done) => done(refusal(replies.recipient)),
    onAuth: ({ username, password }, _session, done) => {
      if (username === 'login' && password === 'p@ss:word') done(null, { user: username });
      else done(new Error('wrong user or password'));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('end', async () => {
        const raw = Buffer.concat(chunks).toString('utf8');
        const { mailFrom, rcptTo } = session.envelope;
        const refused = refusal(replies.data);
        if (refused === null)
          received.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            raw,
            parsed: await simpleParser(raw),
            isEncrypted: session.secure,
            user: typeof session.user === 'string' ? session.user : null,
          });
        await accepting;
        done(refused);
      });
    },
    ...options,
  });
  // A client that gives up is no fault of the server.
  server.on('error', () => {});
  const listening = server.listen(chosenPort, '127.0.0.1');
  await once(listening, 'listening');
  const address = listening.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    received,
    replies,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function refusal(reply: string | null): Error | null {
  if (reply === null) return null;
  return Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) });
}

/**
 * Where the way to the server breaks: as it asks for the data, after all of the data but before its answer is heard, or
 * never, where nothing that it says arrives. Null lets everything through.
 */
export type Break = 'at-data' | 'before-answer' | 'silence' | null;

/** RFC 5321 §4.1.1.4 */
const END_OF_DATA = '\r\n.\r\n';

/** What stands between a mail server and whoever sends to it, and may break the way. */
export type Relay = AsyncDisposable & { readonly url: string; breaks: Break };

export async function startRelay({ port }: Pick<TestSmtp, 'port'>): Promise<Relay> {
  const sockets = new Set<Socket>();
  const relay: { breaks: Break } = { breaks: null };
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    let end = '';
    for (const socket of [client, upstream]) {
      sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
    }
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    client.on('data', (chunk) => {
      end = (end + chunk.toString('latin1')).slice(-END_OF_DATA.length);
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (relay.breaks === 'silence') return;
      const isBroken =
        (relay.breaks === 'at-data' && /^354/m.test(chunk.toString())) ||
        (relay.breaks === 'before-answer' && end === END_OF_DATA);
      if (isBroken) client.destroy();
      else client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const own = typeof address === 'object' && address !== null ? address.port : 0;
  return Object.assign(relay, {
    url: `smtp://127.0.0.1:${own}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

export const MAIL_FROM = 'Example <login@example.org>';

/** To whom mails went, in the order of the addresses. */
export function recipientsOf(received: readonly { readonly to: readonly string[] }[]): readonly string[] {
  return received.flatMap(({ to }) => to).sort();
}
