import { createSecretKey, randomBytes } from 'node:crypto';
import { mailboxPath } from '../../features/dev-mailbox/index.ts';
import { probeRangeApi, rangeApiAt } from '../../features/passwords/index.ts';
import { dkimOf, openSmtp, outcomeOf, type SmtpServer } from '../../platform/mail/index.ts';
import { proxyFor } from '../../platform/outbound/index.ts';
import { createRedisCounters } from '../../platform/rate-limit/index.ts';
import { SECOND } from '../../platform/runtime/index.ts';
import type { GivenValues } from '../../read-settings.ts';
import { type Finding, quoted, type Report } from './findings.ts';
import { adviseOnOutbound, route } from './outbound.ts';

/** Whether Redis answers, if it is used. */
export async function checkRedis(
  { redisUrl }: GivenValues,
  { ok, fault }: Report,
): Promise<readonly Finding[]> {
  if (redisUrl === undefined) return [];
  // Nothing is counted, so any key for the names of counters is sufficient.
  const counters = createRedisCounters(redisUrl, createSecretKey(randomBytes(32)));
  try {
    await counters.tried;
    await counters.ping();
    return [ok('answers')];
  } catch {
    const what = 'does not answer; the nodes count in the database meanwhile';
    return [fault(what, 'see that it runs, and that REDIS_URL names its address and password')];
  } finally {
    await counters.close();
  }
}

/** Whether the service for breached passwords answers, if it is used. Nothing of a password is sent. */
export async function checkBreachService(
  settings: GivenValues,
  { ok, fault }: Report,
): Promise<readonly Finding[]> {
  const { breachedPasswords, hibpUrl: url } = settings;
  if (breachedPasswords !== 'hibp') return [];
  const failed = await probeRangeApi(rangeApiAt(url, settings), AbortSignal.timeout(5 * SECOND));
  const way = route(proxyFor(settings, url)?.label ?? null);
  if (failed === null) return [ok(`${url.origin} answers ${way}`)];
  const code = networkCodeOf(failed);
  const what = `${url.origin} gives no answer ${way}: ${code ?? failed.reason}; passwords are compared with the shipped list only`;
  const answers = ['refused', 'malformed', 'too-large'].includes(failed.reason);
  return [
    fault(
      what,
      answers ? 'see that HIBP_URL is that of a range API' : adviseOnOutbound(code ?? failed.reason),
    ),
  ];
}

function networkCodeOf({
  reason,
  cause,
}: {
  readonly reason: string;
  readonly cause?: unknown;
}): string | null {
  return reason === 'unreachable' && cause instanceof Error && 'code' in cause ? String(cause.code) : null;
}

/** Whether the mail server answers, encrypts with a valid certificate and accepts the password. Sends nothing. */
export async function checkMail(settings: GivenValues, report: Report): Promise<Finding> {
  const { smtpUrl } = settings;
  if (smtpUrl === undefined) return classifyMissingServer(settings, report);
  const address = `${smtpUrl.host}:${smtpUrl.port}`;
  const smtp = openSmtp(smtpUrl, dkimOf(settings));
  try {
    await smtp.verify();
    return report.ok(`${address} ${describeServer(smtpUrl)}`);
  } catch (error) {
    const { code, answer } = outcomeOf(error);
    return report.fault(`${address} cannot be used: ${quoted(answer)}`, adviseOn(code, answer, smtpUrl));
  } finally {
    smtp.close();
  }
}

function classifyMissingServer({ baseUrl, email }: GivenValues, { ok, warning }: Report): Finding {
  if (baseUrl.protocol !== 'https:') return ok(`is shown at ${mailboxPath}, because there is no SMTP_URL`);
  if (email === 'off') return ok('none is sent, because users have no addresses (EMAIL=off)');
  return warning(
    'none can be sent: users cannot confirm an address, and are not notified of changes',
    'give SMTP_URL and MAIL_FROM, or EMAIL=off where that is meant',
  );
}

function describeServer({ encryption, login }: SmtpServer): string {
  const encrypted = {
    implicit: 'encrypts from the first byte on',
    starttls: 'encrypts by STARTTLS',
    none: 'is on this machine, and answers unencrypted',
    'if-offered': 'answers, encrypted only where it offers STARTTLS, as in development',
  };
  return `${encrypted[encryption]}${login === null ? '; no sign-in is set' : ', and lets us in'}`;
}

/** The codes of Node.js and nodemailer for a server that cannot be reached. */
const UNREACHABLE =
  /^E(?:CONNREFUSED|CONNECTION|CONNRESET|NOTFOUND|AI_AGAIN|DNS|TIMEDOUT|HOSTUNREACH|NETUNREACH)$/;

/** What to do about TLS, by the words of Node.js and OpenSSL. */
const TLS_ADVICE: readonly (readonly [words: RegExp, advice: string])[] = [
  [
    /self-signed|unable to (?:verify|get)/i,
    'let SMTP_URL end in ?ca=FILE with the certificate of its authority, or give the server one of a known authority',
  ],
  [/altnames/i, 'let SMTP_URL name the server as its certificate does, which is for other names'],
  [
    /certificate (?:has expired|is not yet valid)/i,
    'renew its certificate, or correct the clock of this machine',
  ],
  [
    /wrong version number|packet length/i,
    'give smtp:// with this port, where TLS begins by STARTTLS, or smtps:// with its other port',
  ],
];

function adviseOn(code: string | null, answer: string, { encryption }: SmtpServer): string {
  if (code === '535' || code === 'EAUTH')
    return 'see that SMTP_URL has the right user and password, percent-encoded';
  if (encryption === 'none' || UNREACHABLE.test(code ?? ''))
    return 'see that it runs, and that SMTP_URL names its host and port';
  return (
    TLS_ADVICE.find(([words]) => words.test(answer))?.[1] ??
    'see that it offers STARTTLS (smtp:) or TLS (smtps:) with a certificate for this name; ?ca=FILE trusts an authority of your own'
  );
}
