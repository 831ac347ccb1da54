import type { Secrets } from '../crypto/index.ts';
import type { Announce } from '../events/index.ts';
import type { Log } from '../observability/index.ts';
import type { Clock } from '../runtime/index.ts';
import type { SettingValues } from '../settings/index.ts';
import type { Database } from '../sql/index.ts';
import { createMailWorker, IDLE_WORKER, type MailWorker } from './delivery.ts';
import { openMailbox } from './mailbox.ts';
import { createOutbox, type Mail, type MailRoute } from './outbox.ts';
import { createMailRenderer, type MailLook, type RenderMail } from './render.ts';
import { createMailSeal } from './seal.ts';
import type { mailSettings } from './settings.ts';
import { type Dkim, openSmtp } from './smtp.ts';
import type { MailTables } from './store.ts';
import { applicationTransport, type OutgoingMail, type SendMail, type Transport } from './transport.ts';

export type MailSettings = SettingValues<typeof mailSettings>;

/** The settings that decide how mails look. */
export type LookSettings = Pick<MailSettings, 'mailTemplates'> & {
  readonly siteName: string;
  readonly accentColor: string;
  readonly baseUrl: URL;
  readonly basePath: string;
};

export type MailSystemParts = {
  readonly database: Database<MailTables>;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly announce: Announce;
  readonly log: Log;
  /** How an application sends mail itself; null for `SMTP_URL`. */
  readonly sendMail: SendMail | null;
  readonly footer: MailLook['footer'];
};

/** The part that features use, and the part that sends. */
export type MailSystem = { readonly mail: Mail; readonly worker: MailWorker };

export function openMail(
  settings: MailSettings & LookSettings & { readonly isSecure: boolean },
  parts: MailSystemParts,
): MailSystem {
  const { database, secrets, clock, announce, log, sendMail, footer } = parts;
  const seal = createMailSeal(secrets);
  const transport = transportFor(settings, sendMail);
  const from = senderOf(settings);
  const worker =
    transport === null
      ? IDLE_WORKER
      : createMailWorker({ database, seal, transport, from, clock, announce }, log);
  const route: MailRoute = transport !== null ? 'server' : settings.isSecure ? 'nowhere' : 'mailbox';
  const mail = createOutbox({
    route,
    mailbox: openMailbox(database, seal, from),
    render: mailRenderer(settings, footer),
    seal,
    onQueued: worker.wake,
  });
  return { mail, worker };
}

export function mailRenderer(settings: LookSettings, footer: MailLook['footer']): RenderMail {
  const { siteName, accentColor, baseUrl, basePath, mailTemplates = null } = settings;
  const site = { name: siteName, origin: baseUrl.origin, basePath };
  return createMailRenderer({ site, accentColor, footer, templates: mailTemplates });
}

/** The sender of all mail. Without `MAIL_FROM`, mail only goes to the mailbox of development. */
export function senderOf({
  mailFrom,
  siteName,
}: Pick<MailSettings & LookSettings, 'mailFrom' | 'siteName'>): OutgoingMail['from'] {
  return mailFrom ?? { name: siteName, address: 'noreply@localhost' };
}

/** The key that signs mail, if all of it is set. */
export function dkimOf(
  settings: Pick<MailSettings, 'dkimDomain' | 'dkimSelector' | 'dkimPrivateKey'>,
): Dkim | null {
  const { dkimDomain: domain, dkimSelector: selector, dkimPrivateKey: privateKey } = settings;
  if (domain === undefined || selector === undefined || privateKey === undefined) return null;
  return { domain, selector, privateKey };
}

function transportFor(settings: MailSettings, sendMail: SendMail | null): Transport | null {
  if (sendMail !== null) return applicationTransport(sendMail);
  return settings.smtpUrl === undefined ? null : openSmtp(settings.smtpUrl, dkimOf(settings));
}
