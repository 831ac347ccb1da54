import type { Accounts } from '../auth/accounts/accounts.ts';
import { createNotices, type Notices } from '../auth/mail/notices.ts';
import type { CoreSettings } from '../auth/settings.ts';
import { emailWords } from '../auth/words.ts';
import { type MailSystem, type MailSystemParts, openMail } from '../platform/mail/index.ts';
import type { Language } from '../platform/words/index.ts';

/** Mail, with the notices to the owners of accounts. */
export type AccountMail = MailSystem & { readonly notices: Notices };

export type AccountMailParts = Omit<MailSystemParts, 'footer'> & {
  readonly accounts: Accounts;
  /** The language of mails that no request causes. */
  readonly language: Language;
};

export function openAccountMail(settings: CoreSettings, parts: AccountMailParts): AccountMail {
  const { accounts, language } = parts;
  const system = openMail(settings, { ...parts, footer: emailWords });
  const { geoipDatabase: geolocate } = settings;
  return { ...system, notices: createNotices({ mail: system.mail, accounts, geolocate, language }) };
}
