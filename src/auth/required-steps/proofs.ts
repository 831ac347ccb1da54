import type { AccountId } from '../identifiers/ids.ts';
import type { Proof } from '../sessions/session.ts';
import type { WaitingIdentity } from './pending-sign-ins.ts';

/**
 * The strongest that the owner of an account can be asked for again: the password or a sign-in at a provider that
 * authenticates its users again on request, a code that is mailed to the confirmed address, or nothing.
 */
export type Strongest = 'credential' | 'mail' | 'nothing';

export type Proofs = {
  readonly strongestOf: (accountId: AccountId) => Promise<Strongest>;
  /**
   * What a sign-in counts for where something sensitive is wanted (A70). A mail counts where nothing stronger can be asked
   * for; a sign-in that does not show that the user has authenticated, where nothing at all can.
   */
  readonly ofSignIn: (identity: Omit<WaitingIdentity, 'proof'>, now: number) => Promise<Proof | null>;
};
