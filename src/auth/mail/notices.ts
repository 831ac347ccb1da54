import type { Geolocate } from '../../platform/geoip/index.ts';
import type { Mail } from '../../platform/mail/outbox.ts';
import { UNKNOWN_ADDRESS } from '../../platform/web/client-address.ts';
import type { MaybePromise } from '../../platform/web/maybe-promise.ts';
import { deviceName } from '../../platform/web/pages/device-name.ts';
import type { Account, Accounts } from '../accounts/accounts.ts';
import { messages } from '../pages/messages.ts';
import type { Queries } from '../schema.ts';
import type { Device } from '../sessions/session.ts';
import type { MailMessage, Occasion } from './message.ts';

/** What a notice is written with. */
export type NoticeAbout = {
  readonly username: string;
  /** Where it goes. */
  readonly address: string;
  readonly occasion: Occasion;
};

/** Something that was done to an account, for a mail to its owner. */
export type NewNotice = {
  readonly accountId: string;
  readonly occasion: Occasion;
  /** Whether the account goes in the same transaction; the mail does not go with it. */
  readonly isFarewell?: boolean;
  readonly write: (about: NoticeAbout) => MaybePromise<MailMessage>;
};

/** Mail to the owners of accounts about what was done to them. */
export type Notices = {
  /**
   * Puts a notice into the outbox, in the transaction of what it tells of. It goes to the address that the account has
   * at this moment, and only where somebody has shown that it is theirs: a stranger whose address was given by mistake
   * must not read where a person signs in from.
   */
  readonly queue: (transaction: Queries, notice: NewNotice) => Promise<void>;
  /** Whether a notice to this account would be written at this moment. */
  readonly canReach: (accountId: string) => Promise<boolean>;
  /** When something was done and from where, in words. @param device null where no browser did it */
  readonly occasionOf: (device: Device | null, now: number) => Occasion;
};

export type NoticeParts = {
  readonly mail: Pick<Mail, 'queue' | 'isPossible'>;
  readonly accounts: Accounts;
  readonly geolocate: Geolocate | undefined;
};

export function createNotices({ mail, accounts, geolocate }: NoticeParts): Notices {
  return {
    queue: async (transaction, { accountId, occasion, isFarewell, write }) => {
      if (!mail.isPossible) return;
      const account = await accounts.read(accountId, transaction);
      const address = provenAddressOf(account);
      if (account === null || address === null) return;
      await mail.queue(transaction, {
        to: address,
        accountId: isFarewell === true ? null : accountId,
        message: await write({ username: account.username, address, occasion }),
        now: occasion.at,
      });
    },
    canReach: async (accountId) =>
      mail.isPossible && provenAddressOf(await accounts.read(accountId)) !== null,
    occasionOf: (device, now) => {
      if (device === null) return occasionWithoutDevice(now);
      const { userAgent, address } = device;
      const { browser, system } = deviceName(userAgent);
      const isKnown = browser !== null || system !== null;
      return {
        at: now,
        browser: isKnown ? messages.sessions.device(browser, system) : null,
        place: geolocate?.(address, messages.language) ?? null,
        address: address === UNKNOWN_ADDRESS ? null : address,
      };
    },
  };
}

function provenAddressOf(account: Account | null): string | null {
  return account === null || account.emailVerifiedAt === null ? null : account.email;
}

/** When something was done that no browser did, or of which nobody is to learn where. */
export function occasionWithoutDevice(now: number): Occasion {
  return { at: now, browser: null, place: null, address: null };
}
