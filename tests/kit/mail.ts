import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { emails as passwordEmails } from '../../src/features/passwords/definitions.ts';
import { emails } from '../../src/latchkey.ts';
import {
  type Email,
  type EmailDefinition,
  link,
  list,
  moment,
  type Occasion,
  recipientName,
} from '../../src/platform/mail/index.ts';
import { english, type Language } from '../../src/platform/words/language.ts';
import type { TestSystem } from './system.ts';

/** A request of a browser at some time. */
function occasionAt(at: number, language: Language = english): Occasion {
  return { at, browser: 'Firefox on Linux', place: 'Berlin, Germany', address: '192.0.2.7', language };
}

/** Queues `count` mails, each to an address of its own. */
export async function queueNotices({ system, clock }: TestSystem, count = 1): Promise<readonly string[]> {
  const { database, mail } = system.core;
  const recipients = Array.from({ length: count }, (_, number) => `person.${number}@example.org`);
  const notice = { username: 'Ada', page: '/forgot-password', otherWays: [], disconnected: [] } as const;
  const email = passwordEmails.passwordChanged.with(notice);
  for (const to of recipients) {
    const order = { to, ownerId: null, email, occasion: occasionAt(clock.read()) };
    await database.transaction((transaction) => mail.queue(transaction, order));
  }
  return recipients;
}

/** The mails that wait in the outbox, and those that failed. */
export async function outboxOf({ system }: TestSystem) {
  return system.core.database.queries.selectFrom('mail_outbox').selectAll().orderBy('id').execute();
}

const DAY = 86_400_000;

/** A mail, and what it has to contain. */
export type SampleMail = {
  readonly email: Email;
  readonly occasion: Occasion;
  readonly pages: readonly string[];
  readonly code: string | null;
};

const CODE = '48210937';

/** One of each mail. @param chosen what users choose: the username and other texts */
export function everyMail(now: number, chosen = 'Ada', language = english): readonly SampleMail[] {
  return emails.map((definition) => {
    const pages = Object.entries(definition.fields).flatMap(([key, field]) =>
      field === link ? [[key, `/${key}?token=x&y=z`] as const] : [],
    );
    const texts = { ...textsOf(definition, now, chosen), ...Object.fromEntries(pages) };
    const email: Email = Reflect.apply(definition.with, undefined, [texts]);
    return {
      email,
      occasion: occasionAt(now, language),
      pages: pages.map(([, page]) => page),
      code: 'code' in definition.fields ? CODE : null,
    };
  });
}

function textsOf({ fields }: EmailDefinition<never>, now: number, chosen: string) {
  const values = Object.entries(fields).map(([key, field]) => {
    if (key === 'code') return [key, CODE];
    if (field === moment) return [key, now + DAY];
    if (field === list) return [key, ['Acme', 'GitLab']];
    return [key, field === recipientName ? chosen : `${chosen}’s ${key}`];
  });
  return Object.fromEntries(values);
}

/** A mail as the server received it. */
export type ReceivedMail = {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly parsed: ParsedMail;
  readonly isEncrypted: boolean;
  readonly user: string | null;
};

/** The response of a server that does not accept: a code and a text, such as `450 later`; null accepts. */
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
  /** A test changes them while it runs. */
  readonly replies: Replies;
};

/**
 * Starts a mail server on this machine; options are those of the package `smtp-server`.
 * @param accepting settles before the server confirms a mail that it has received
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
  // A client that disconnects is no fault of the server.
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
 * Where the connection to the server breaks: at its request for the data, after all of the data but before its response
 * arrives, or at no point but with no response ever arriving. Null lets everything through.
 */
export type Break = 'at-data' | 'before-answer' | 'silence' | null;

/** RFC 5321 §4.1.1.4 */
const END_OF_DATA = '\r\n.\r\n';

/** A relay between the mail server and its client, which can break the connection. */
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

/** The recipients of mails, in the order of the addresses. */
export function recipientsOf(received: readonly { readonly to: readonly string[] }[]): readonly string[] {
  return received.flatMap(({ to }) => to).sort();
}
