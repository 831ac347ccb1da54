import type { Account, Accounts } from '../auth/accounts/accounts.ts';
import type { Notices } from '../auth/mail/notices.ts';
import type { CoreSettings } from '../auth/settings.ts';
import { emailWords } from '../auth/words.ts';
import type { Geolocate } from '../platform/geoip/index.ts';
import {
  type Mail,
  type MailSystem,
  type MailSystemParts,
  occasionWithoutDevice,
  openMail,
} from '../platform/mail/index.ts';
import { deviceName, deviceWords, UNKNOWN_ADDRESS } from '../platform/web/index.ts';
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

type NoticeParts = {
  readonly mail: Pick<Mail, 'queue' | 'isPossible'>;
  readonly accounts: Accounts;
  readonly geolocate: Geolocate | undefined;
  readonly language: Language;
};

function createNotices({ mail, accounts, geolocate, language }: NoticeParts): Notices {
  return {
    queue: async (transaction, { accountId, occasion, isFarewell, write }) => {
      if (!mail.isPossible) return;
      const account = await accounts.read(accountId, transaction);
      const address = provenAddressOf(account);
      if (account === null || address === null) return;
      await mail.queue(transaction, {
        to: address,
        ownerId: isFarewell === true ? null : accountId,
        email: await write({ username: account.username, address }),
        occasion,
      });
    },
    canReach: async (accountId) =>
      mail.isPossible && provenAddressOf(await accounts.read(accountId)) !== null,
    occasionOf: (client, now) => {
      if (client === null) return occasionWithoutDevice(now, language);
      const { userAgent, address } = client;
      const { browser, system } = deviceName(userAgent);
      const isKnown = browser !== null || system !== null;
      return {
        at: now,
        browser: isKnown ? client.language.words(deviceWords).device(browser, system) : null,
        place: geolocate?.(address, client.language.tag) ?? null,
        address: address === UNKNOWN_ADDRESS ? null : address,
        language: client.language,
      };
    },
  };
}

function provenAddressOf(account: Account | null): string | null {
  return account === null || account.emailVerifiedAt === null ? null : account.email;
}
