import type { EmailAddress, Username } from '../../platform/text/index.ts';
import type { AccountId } from '../identifiers/ids.ts';

export type NewAccount = {
  readonly id?: AccountId;
  readonly username: Username;
  readonly email: EmailAddress | null;
  /** Present if its address has to be confirmed before it works. */
  readonly unconfirmed?: Unconfirmed;
};

export type Unconfirmed = {
  /** When it is deleted unless its address is confirmed; milliseconds of UTC. */
  readonly until: number;
  /**
   * Whether another account has the address. This one then never gets it and is deleted when it is due; the client that
   * created it gets the same response as any other (A03).
   */
  readonly isAddressTaken: boolean;
};

export type AccountCreation =
  | { readonly ok: true; readonly accountId: AccountId }
  | { readonly ok: false; readonly reason: 'username' | 'email' };

/** An account as its owner and the operator may see it. Times are milliseconds of UTC. */
export type Account = {
  readonly id: AccountId;
  readonly username: string;
  readonly email: string | null;
  readonly emailVerifiedAt: number | null;
  readonly createdAt: number;
  readonly disabledAt: number | null;
  /** When it is to be deleted, as its owner asked. */
  readonly deleteAt: number | null;
};

/** An address that its owner has confirmed. */
export type EmailProof = {
  readonly accountId: AccountId;
  /** As it is stored. */
  readonly address: string;
  /** Whether an account that was to go unless it is confirmed stays. */
  readonly isKept: boolean;
};

/** Another address for an account, which its owner has confirmed. */
export type EmailReplacement = {
  readonly accountId: AccountId;
  /** The address that it has until now, as it is stored; null for none. Undefined if it may be any. */
  readonly from?: string | null;
  readonly to: EmailAddress;
};

/** The owner who has confirmed an address that others may have entered. */
export type NewOwner = {
  readonly ownerId: AccountId;
  /** Whether an account without a confirmed address is of no use here. */
  readonly isRequired: boolean;
};
