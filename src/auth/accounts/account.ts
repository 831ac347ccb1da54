import type { EmailAddress, Username } from '../../platform/text/index.ts';

export type NewAccount = {
  readonly username: Username;
  readonly email: EmailAddress | null;
  /** Where its address has to be confirmed before it works. */
  readonly unconfirmed?: Unconfirmed;
};

export type Unconfirmed = {
  /** When it is deleted if nobody has confirmed it; milliseconds of UTC. */
  readonly until: number;
  /**
   * Whether another account has the address. This one then never gets it and goes when its time has come, and whoever
   * made it is told nothing else than anybody (A03).
   */
  readonly isAddressTaken: boolean;
};

export type AccountCreation =
  | { readonly created: true; readonly accountId: string }
  | { readonly created: false; readonly taken: 'username' | 'email' };

/** An account as its owner, or whoever runs the site, may see it. Times are milliseconds of UTC. */
export type Account = {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly emailVerifiedAt: number | null;
  readonly createdAt: number;
  readonly disabledAt: number | null;
  /** When it is to be deleted, as its owner asked. */
  readonly deleteAt: number | null;
};

/** An address that somebody has shown to be theirs. */
export type EmailProof = {
  readonly accountId: string;
  /** As it is stored. */
  readonly address: string;
  /** Whether an account that was to go unless it is confirmed stays. */
  readonly isKept: boolean;
};

/** Another address for an account, which somebody has shown to be theirs. */
export type EmailReplacement = {
  readonly accountId: string;
  /** The address that it has until now, as it is stored; null for none. Undefined where any may give way. */
  readonly from?: string | null;
  readonly to: EmailAddress;
};

/** Who has shown that an address is theirs which others may have typed. */
export type NewOwner = {
  readonly ownerId: string;
  /** Whether an account without a confirmed address is of no use here. */
  readonly isRequired: boolean;
};
