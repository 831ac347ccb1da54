import type { Accounts } from '../auth/accounts/accounts.ts';
import type { AccountId } from '../auth/identifiers/ids.ts';
import type { Proofs, Strongest } from '../auth/required-steps/proofs.ts';
import type {
  LinkedCredential,
  LinkedCredentials,
  SignInRules,
  SignOutRedirect,
} from '../auth/required-steps/sign-in-step.ts';
import type { Mail } from '../platform/mail/index.ts';

/** Asks the method of a session where to redirect its user after signing out. */
export function createSignOutRedirect(rules: () => SignInRules): SignOutRedirect {
  return async (context, session) => {
    const method = rules().methods.find(({ name }) => name === session.method);
    return (await method?.signOutRedirect?.(context, session)) ?? null;
  };
}

/** Asks every method for its linked credentials. */
export function createLinkedCredentials(rules: () => SignInRules): LinkedCredentials {
  return {
    list: async (account, on) => {
      const credentials: LinkedCredential[] = [];
      // One after another: a transaction has one connection.
      for (const { listLinkedCredentials } of rules().methods)
        credentials.push(...((await listLinkedCredentials?.(account, on)) ?? []));
      return credentials;
    },
    remove: async (transaction, accountId, kept = []) => {
      for (const { removeLinkedCredentials } of rules().methods)
        await removeLinkedCredentials?.(transaction, accountId, kept);
    },
  };
}

type ProofParts = {
  readonly rules: () => SignInRules;
  readonly accounts: Pick<Accounts, 'read'>;
  readonly mail: Pick<Mail, 'isPossible'>;
};

/** Asks the methods how a sign-in was proven, and by which of them its user can authenticate again. */
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
