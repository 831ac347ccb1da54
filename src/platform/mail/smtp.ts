import { createTransport, type SendMailOptions } from 'nodemailer';
import { MINUTE, SECOND } from '../runtime/clock.ts';
import type { SmtpServer } from '../settings/smtp-url.ts';
import { isStoredAddress } from '../text/email-address.ts';
import type { OutgoingMail } from './outgoing-mail.ts';
import { outcomeOf } from './smtp-outcome.ts';
import type { Transport } from './transport.ts';

/** What signs mail, where this system does. @see RFC 6376 */
export type Dkim = { readonly domain: string; readonly selector: string; readonly privateKey: string };

/**
 * How long a server may take, in milliseconds: to be reached and to greet, until it has all of a mail, and to accept it.
 * Filters look at a mail before it is accepted; one that is not waited for is sent again, and arrives twice.
 * @see RFC 5321 §4.5.3.2.6 for the last of them
 */
export type SmtpPatience = {
  readonly connect: number;
  readonly handOver: number;
  readonly acceptance: number;
};

/** No attempt takes longer than the last two together. */
export const SMTP_PATIENCE: SmtpPatience = {
  connect: 10 * SECOND,
  handOver: 60 * SECOND,
  acceptance: 10 * MINUTE,
};

/** An SMTP server, with its connections. */
export type Smtp = Transport & {
  /** Connects, encrypts and signs in, and sends nothing. @throws what went wrong */
  readonly verify: () => Promise<void>;
};

/** Connections that are kept for the next mail. */
const CONNECTIONS = 5;
/** They are closed sooner than servers do so, which would look like a fault. */
const IDLE = 10 * SECOND;

export function openSmtp(
  server: SmtpServer,
  dkim: Dkim | null,
  patience: SmtpPatience = SMTP_PATIENCE,
): Smtp {
  const transporter = createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    // Whether a mail is sent again is decided where its attempts are counted.
    maxRequeues: 0,
    idleTimeout: IDLE,
    host: server.host,
    port: server.port,
    secure: server.encryption === 'implicit',
    // RFC 3207 §4.1: without this, whoever sits between the two takes STARTTLS out of the server's words.
    requireTLS: server.encryption === 'starttls',
    ignoreTLS: server.encryption === 'none',
    tls: {
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      ...(server.authority !== null && { ca: server.authority }),
    },
    ...(server.login !== null && { auth: { user: server.login.user, pass: server.login.password } }),
    ...(dkim !== null && {
      dkim: { domainName: dkim.domain, keySelector: dkim.selector, privateKey: dkim.privateKey },
    }),
    connectionTimeout: patience.connect,
    greetingTimeout: patience.connect,
    dnsTimeout: patience.connect,
    // Each attempt has limits of its own.
    socketTimeout: patience.handOver + patience.acceptance,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const attempts = new Map<string, Attempt>();
  transporter.use('stream', ({ data, message }, done) => {
    message.processFunc((input) => {
      input.once('end', () => attempts.get(String(data.messageId))?.handOver());
      return input;
    });
    done();
  });
  return {
    send: async (mail) => {
      // nodemailer makes several recipients of a text with commas (A32).
      if (!isStoredAddress(mail.to))
        return { kind: 'refused', code: 'recipient', answer: 'its recipient is not one address' };
      const attempt = createAttempt(patience);
      attempts.set(mail.messageId, attempt);
      try {
        await transporter.sendMail({ ...composed(mail), signal: attempt.signal });
        return { kind: 'sent' };
      } catch (error) {
        return outcomeOf(error, attempt.isHandedOver());
      } finally {
        attempts.delete(mail.messageId);
        attempt.end();
      }
    },
    verify: async () => {
      await transporter.verify();
    },
    close: () => {
      for (const attempt of attempts.values()) attempt.abort();
      transporter.close();
    },
  };
}

/** One attempt to send a mail, with its limits: until the server has all of it, and from then on. */
type Attempt = {
  readonly signal: AbortSignal;
  readonly handOver: () => void;
  readonly isHandedOver: () => boolean;
  readonly abort: () => void;
  readonly end: () => void;
};

function createAttempt({ handOver, acceptance }: SmtpPatience): Attempt {
  const control = new AbortController();
  const abort = () => control.abort(new Error('the server took too long'));
  let isHandedOver = false;
  let timer = setTimeout(abort, handOver);
  return {
    signal: control.signal,
    handOver: () => {
      isHandedOver = true;
      clearTimeout(timer);
      timer = setTimeout(abort, acceptance);
    },
    isHandedOver: () => isHandedOver,
    abort,
    end: () => clearTimeout(timer),
  };
}

/** A mail as nodemailer takes it. */
export function composed(mail: OutgoingMail): SendMailOptions {
  const { from, to, subject, text, html, date, messageId, headers } = mail;
  return {
    from: { name: from.name, address: from.address },
    to: { name: '', address: to },
    subject,
    text,
    html,
    date,
    messageId,
    headers,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
