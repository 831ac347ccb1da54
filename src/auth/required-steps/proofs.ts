import type { Mail } from '../../platform/mail/index.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { AccountId } from '../identifiers/ids.ts';
import type { Proof } from '../sessions/session.ts';
import type { WaitingIdentity } from './pending-sign-ins.ts';
import type { SignInRules } from './sign-in-step.ts';

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

export type ProofParts = {
  readonly rules: () => SignInRules;
  readonly accounts: Pick<Accounts, 'read'>;
  readonly mail: Pick<Mail, 'isPossible'>;
};

export function createProofs({ rules, accounts, mail }: ProofParts): Proofs {
  const strongestOf = async (accountId: AccountId): Promise<Strongest> => {
    for (const { canBeAskedAgain } of rules().methods)
      if ((await canBeAskedAgain?.(accountId)) === true) return 'credential';
    const account = mail.isPossible ? await accounts.read(accountId) : null;
    return account !== null && account.emailVerifiedAt !== null ? 'mail' : 'nothing';
  };
  return {
    strongestOf,
    ofSignIn: async ({ accountId, method: name, credential }, now) => {
      const method = rules().methods.find((known) => known.name === name);
      const proof = (await method?.proofOf(credential, now)) ?? null;
      if (proof !== null && proof.by !== 'mail') return proof;
      const strongest = await strongestOf(accountId);
      if (strongest === 'nothing') return proof ?? { by: 'provider', at: now };
      return strongest === 'mail' ? proof : null;
    },
  };
}
