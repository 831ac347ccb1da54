import type { Email, Occasion } from '../../platform/mail/index.ts';
import { deviceOf, type MaybePromise } from '../../platform/web/index.ts';
import type { Language } from '../../platform/words/index.ts';
import type { AccountId } from '../identifiers/ids.ts';
import type { RequestContext } from '../request-context.ts';
import type { Queries } from '../schema.ts';
import type { Device } from '../sessions/session.ts';

/** The recipient of a notice. */
export type NoticeAbout = {
  readonly username: string;
  readonly address: string;
};

/** The browser that causes a mail, and the language of its request. */
export type Client = Device & { readonly language: Language };

export function clientOf(context: RequestContext): Client {
  return { ...deviceOf(context), language: context.language };
}

/** A mail to the owner of an account about a change of it. */
export type NewNotice = {
  readonly accountId: AccountId;
  readonly occasion: Occasion;
  /** Whether the account is deleted in the same transaction, but not this mail. */
  readonly isFarewell?: boolean;
  readonly write: (about: NoticeAbout) => MaybePromise<Email>;
};

/** Mail to the owners of accounts about changes of them. */
export type Notices = {
  /**
   * Queues a notice in the transaction of the change. It goes to the current address of the account, and only if that is
   * confirmed: the owner of a mistyped address must not read where a user signs in.
   */
  readonly queue: (transaction: Queries, notice: NewNotice) => Promise<void>;
  /** Whether a notice to this account would be queued now. */
  readonly canReach: (accountId: AccountId) => Promise<boolean>;
  /** When something was done and from where, in words. @param client null for the operator and for background work */
  readonly occasionOf: (client: Client | null, now: number) => Occasion;
};
