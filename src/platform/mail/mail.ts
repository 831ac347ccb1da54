import type { Accounts } from '../../auth/accounts/accounts.ts';
import type { Observer } from '../../auth/events.ts';
import { createNotices, type Notices } from '../../auth/mail/notices.ts';
import type { CoreSettings } from '../../auth/settings/resolve.ts';
import type { Secrets } from '../crypto/secrets.ts';
import type { Log } from '../observability/log.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Fault } from '../settings/read.ts';
import type { Database } from '../sql/index.ts';
import { applicationTransport, type SendMail } from './application-transport.ts';
import { openMailbox } from './mailbox.ts';
import { createOutbox, type Mail, type MailRoute } from './outbox.ts';
import type { OutgoingMail } from './outgoing-mail.ts';
import { createMailRenderer, type RenderMail } from './render.ts';
import { createMailSeal } from './seal.ts';
import { type Dkim, openSmtp } from './smtp.ts';
import type { MailTables } from './store.ts';
import type { Transport } from './transport.ts';
import { createMailWorker, type MailWorker } from './worker.ts';

export type MailSystemParts = {
  readonly database: Database<MailTables>;
  readonly accounts: Accounts;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly announce: Observer;
  readonly log: Log;
  /** How an application sends mail itself; null where that is left to `SMTP_URL`. */
  readonly sendMail: SendMail | null;
};

/** The way of mail out of this system: what features know of it, and what sends. */
export type MailSystem = { readonly mail: Mail; readonly notices: Notices; readonly worker: MailWorker };

export function openMail(settings: CoreSettings, parts: MailSystemParts): MailSystem {
  const { database, accounts, secrets, clock, announce, log, sendMail } = parts;
  const seal = createMailSeal(secrets);
  const transport = transportFor(settings, sendMail);
  const from = senderOf(settings);
  const worker =
    transport === null ? IDLE : createMailWorker({ database, seal, transport, from, clock, announce }, log);
  const route: MailRoute = transport !== null ? 'server' : settings.isSecure ? 'nowhere' : 'mailbox';
  const mail = createOutbox({
    route,
    mailbox: openMailbox(database, seal, from),
    render: mailRenderer(settings),
    seal,
    onQueued: worker.wake,
  });
  const notices = createNotices({ mail, accounts, geolocate: settings.geoipDatabase });
  return { mail, notices, worker };
}

/**
 * The faults of settings that ask for mail where none can be sent.
 * @param sendMail how an application sends mail itself, where it does
 */
export function requiredMailFaults(
  settings: Pick<CoreSettings, 'email' | 'magicLink' | 'smtpUrl' | 'isSecure'>,
  sendMail: SendMail | null,
): readonly Fault[] {
  const { email, magicLink, smtpUrl, isSecure } = settings;
  const withoutAddresses = magicLink === 'on' && email === 'off';
  const links = withoutAddresses ? fault('MAGIC_LINK', 'is "on", and EMAIL is "off"; turn one of them') : [];
  if (smtpUrl !== undefined || sendMail !== null || !isSecure) return links;
  const cannot = 'and no mail can be sent; give SMTP_URL and MAIL_FROM, too, or';
  return [
    ...links,
    ...(email === 'required' ? fault('EMAIL', `is "required", ${cannot} optional`) : []),
    ...(magicLink === 'on' ? fault('MAGIC_LINK', `is "on", ${cannot} off`) : []),
  ];
}

function fault(name: string, message: string): readonly Fault[] {
  return [{ name, message }];
}

/** Writes mail as this site does. */
export function mailRenderer(settings: LookSettings): RenderMail {
  const { siteName, accentColor, baseUrl, mailTemplates } = settings;
  return createMailRenderer({ name: siteName, origin: baseUrl.origin }, accentColor, mailTemplates);
}

type LookSettings = Pick<CoreSettings, 'siteName' | 'accentColor' | 'baseUrl' | 'mailTemplates'>;

/** Whom mail is from; where nobody is named, mail only goes to the mailbox of development. */
export function senderOf({
  mailFrom,
  siteName,
}: Pick<CoreSettings, 'mailFrom' | 'siteName'>): OutgoingMail['from'] {
  return mailFrom ?? { name: siteName, address: 'noreply@localhost' };
}

/** What signs mail, when all of it is set. */
export function dkimOf(settings: DkimSettings): Dkim | null {
  const { dkimDomain: domain, dkimSelector: selector, dkimPrivateKey: privateKey } = settings;
  if (domain === undefined || selector === undefined || privateKey === undefined) return null;
  return { domain, selector, privateKey };
}

type DkimSettings = Pick<CoreSettings, 'dkimDomain' | 'dkimSelector' | 'dkimPrivateKey'>;

const IDLE: MailWorker = {
  deliverDue: async () => 0,
  start: () => {},
  wake: () => {},
  close: async () => {},
};

function transportFor(settings: CoreSettings, sendMail: SendMail | null): Transport | null {
  if (sendMail !== null) return applicationTransport(sendMail);
  return settings.smtpUrl === undefined ? null : openSmtp(settings.smtpUrl, dkimOf(settings));
}
