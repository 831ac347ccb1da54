import { paths } from '../../../auth/paths.ts';
import { dkimOf } from '../../../platform/mail/mail.ts';
import { openSmtp } from '../../../platform/mail/smtp.ts';
import { outcomeOf } from '../../../platform/mail/smtp-outcome.ts';
import type { SmtpServer } from '../../../platform/settings/smtp-url.ts';
import type { GivenValues } from '../../../settings.ts';
import type { Check } from '../check.ts';
import { type Finding, findingsOf, quoted } from '../finding.ts';

const { ok, warning, fault } = findingsOf('mail');

/** Whether the mail server can be reached, encrypts with a certificate that holds, and lets us in. Nothing is sent. */
export const mail: Check<GivenValues> = {
  name: 'mail',
  run: async (settings) => {
    const { smtpUrl } = settings;
    if (smtpUrl === undefined) return [withoutServer(settings)];
    const smtp = openSmtp(smtpUrl, dkimOf(settings));
    try {
      await smtp.verify();
      return [ok(`${smtpUrl.host}:${smtpUrl.port} ${inWords(smtpUrl)}`)];
    } catch (error) {
      const { code, answer } = outcomeOf(error);
      return [
        fault(`${smtpUrl.host}:${smtpUrl.port} cannot be used: ${quoted(answer)}`, fixFor(code, smtpUrl)),
      ];
    } finally {
      smtp.close();
    }
  },
};

function withoutServer({ baseUrl, email }: GivenValues): Finding {
  if (baseUrl.protocol !== 'https:')
    return ok(`is shown at ${paths.devMailbox}, because there is no SMTP_URL`);
  if (email === 'off') return ok('none is sent, as nobody is asked for an address (EMAIL=off)');
  return warning(
    'none can be sent: nobody can confirm an address or be told of a change',
    'give SMTP_URL and MAIL_FROM, or EMAIL=off where that is meant',
  );
}

function inWords({ encryption, login }: SmtpServer): string {
  const encrypted = {
    implicit: 'encrypts from the first byte on',
    starttls: 'encrypts by STARTTLS',
    none: 'is on this machine, and answers unencrypted',
    'if-offered': 'answers, encrypted only where it offers STARTTLS, as in development',
  };
  return `${encrypted[encryption]}${login === null ? '; no sign-in is set' : ', and lets us in'}`;
}

/** What Node.js and nodemailer say of a server that is not there. */
const IS_AWAY =
  /^E(?:CONNREFUSED|CONNECTION|CONNRESET|NOTFOUND|AI_AGAIN|DNS|TIMEDOUT|HOSTUNREACH|NETUNREACH)$/;

function fixFor(code: string | null, { encryption }: SmtpServer): string {
  if (code === '535' || code === 'EAUTH')
    return 'see that SMTP_URL has the right user and password, percent-encoded';
  if (encryption === 'none' || IS_AWAY.test(code ?? ''))
    return 'see that it runs, and that SMTP_URL names its host and port';
  return 'see that it offers STARTTLS (smtp:) or TLS (smtps:) with a certificate for this name; ?ca=FILE trusts an authority of your own';
}
