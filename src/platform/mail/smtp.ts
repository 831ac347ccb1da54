import type { SendMailOptions } from 'nodemailer';
import { z } from 'zod';
import { MINUTE, SECOND } from '../runtime/index.ts';
import { isStoredAddress } from '../text/index.ts';
import type { SmtpServer } from './settings.ts';
import { answerFrom, type Outcome, type OutgoingMail, type Transport } from './transport.ts';

/** The key that signs mail. @see RFC 6376 */
export type Dkim = { readonly domain: string; readonly selector: string; readonly privateKey: string };

/**
 * How long a server may take, in milliseconds: to connect and greet, to receive a whole mail, and to accept it. Content
 * filters delay the acceptance; a mail whose acceptance is not awaited is sent again and arrives twice.
 * @see RFC 5321 §4.5.3.2.6 for the acceptance
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
  /** Connects, encrypts and logs in, and sends nothing. @throws the error of the attempt */
  readonly verify: () => Promise<void>;
};

/** Connections that are kept for the next mail. */
const CONNECTIONS = 5;
/** Shorter than the idle timeout of servers, which would look like a failure. */
const IDLE = 10 * SECOND;

export function openSmtp(
  server: SmtpServer,
  dkim: Dkim | null,
  patience: SmtpPatience = SMTP_PATIENCE,
): Smtp {
  const attempts = new Map<string, Attempt>();
  let transporter: ReturnType<typeof createTransporter> | undefined;
  const opened = () => {
    transporter ??= createTransporter(server, dkim, patience, (id) => attempts.get(id)?.handOver());
    return transporter;
  };
  return {
    send: async (mail) => {
      // nodemailer splits a text with commas into several recipients (A32).
      if (!isStoredAddress(mail.to))
        return { kind: 'refused', code: 'recipient', answer: 'its recipient is not one address' };
      const attempt = createAttempt(patience);
      attempts.set(mail.messageId, attempt);
      try {
        await (await opened()).sendMail({ ...composed(mail), signal: attempt.signal });
        return { kind: 'sent' };
      } catch (error) {
        return outcomeOf(error, attempt.isHandedOver());
      } finally {
        attempts.delete(mail.messageId);
        attempt.end();
      }
    },
    verify: async () => {
      await (await opened()).verify();
    },
    close: () => {
      for (const attempt of attempts.values()) attempt.abort();
      transporter?.then((open) => open.close()).catch(() => {});
    },
  };
}

// The module is loaded with the first mail.
async function createTransporter(
  server: SmtpServer,
  dkim: Dkim | null,
  patience: SmtpPatience,
  handOver: (messageId: string) => void,
) {
  const { createTransport } = await import('nodemailer');
  const transporter = createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    // Whether a mail is sent again is decided where its attempts are counted.
    maxRequeues: 0,
    idleTimeout: IDLE,
    host: server.host,
    port: server.port,
    secure: server.encryption === 'implicit',
    // RFC 3207 §4.1: without this, an attacker in the middle removes STARTTLS from the server's reply.
    requireTLS: server.encryption === 'starttls',
    ignoreTLS: server.encryption === 'none',
    tls: {
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      ...(server.authority !== null && { ca: server.authority }),
    },
    ...(server.login !== null && { auth: server.login }),
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
  transporter.use('stream', ({ data, message }, done) => {
    message.processFunc((input) => {
      input.once('end', () => handOver(String(data.messageId)));
      return input;
    });
    done();
  });
  return transporter;
}

/** One attempt to send a mail, with its time limits: until the server has received it, and until it accepts it. */
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

/** What nodemailer adds to the message of an error. */
const details = z.object({
  code: z.string().optional(),
  originalCode: z.string().optional(),
  command: z.string().optional(),
  response: z.string().optional(),
  responseCode: z.number().optional(),
  permanent: z.boolean().optional(),
});

type Details = z.infer<typeof details>;

/**
 * Classifies the error of an attempt.
 * @param isHandedOver whether the server has received the whole mail. It may have accepted it then, so the attempt counts:
 *   a server that never replies must not be sent the same mail for days
 */
export function outcomeOf(error: unknown, isHandedOver = false): Exclude<Outcome, { kind: 'sent' }> {
  const parsed = details.safeParse(error);
  const known: Details = parsed.success ? parsed.data : {};
  const message = error instanceof Error ? error.message : String(error);
  const kind = isHandedOver && known.responseCode === undefined ? 'deferred' : kindOf(known);
  return { kind, code: codeOf(known), answer: answerFrom(known.response ?? message) };
}

/**
 * A reply to the recipient or to the mail itself is about this mail. Any other is about the server or about our settings,
 * which the operator will fix: a refused login or sender must not use up the attempts of all mails.
 */
function kindOf({ command, responseCode, permanent }: Details): 'refused' | 'deferred' | 'unreachable' {
  const isAboutMail = command === 'RCPT TO' || command === 'DATA';
  // RFC 5321 §3.8: with 421 the server ends the connection, whatever the command was.
  if (!isAboutMail || responseCode === undefined || responseCode === 421) return 'unreachable';
  return permanent === true ? 'refused' : 'deferred';
}

function codeOf({ code, originalCode, responseCode }: Details): string | null {
  return responseCode?.toString() ?? originalCode ?? code ?? null;
}
