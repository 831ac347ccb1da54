import type {
  LinkedCredential,
  LinkedCredentials,
  SignInRules,
  SignOutRedirect,
} from '../auth/required-steps/sign-in-step.ts';

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
