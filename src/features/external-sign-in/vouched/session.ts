import type { Core } from '../../../auth/core.ts';
import type { SignInWitness } from '../../../auth/sign-in-steps/sign-in-step.ts';
import { findIdentity, lockIdentity, noteUse } from '../store.ts';
import { keepTokens } from '../tokens/keeping.ts';
import { bindVouched, findVouched } from './store.ts';
import { openKept, sealKept } from './vouched.ts';

/**
 * Binds a session to the word of the provider that it began with: so it ends when the provider says so, and has the roles
 * that the provider gave. Where that word was taken back meanwhile, there is no session (A12).
 */
export function bindToSession(core: Core): SignInWitness {
  const { database, providerSeal, sessions } = core;
  return async (_context, { method, credential: id, accountId, sessionId, now, expiresAt }) => {
    if (method !== 'external') return true;
    return database.transaction(async (transaction) => {
      const vouched = await findVouched(transaction, id);
      if (vouched === null) return false;
      const identity = await findIdentity(transaction, vouched.issuer, vouched.subject);
      if (identity?.accountId !== accountId || !(await lockIdentity(transaction, identity.id))) return false;
      const { idToken, tokens } = openKept(providerSeal, id, vouched.kept);
      const kept = sealKept(providerSeal, id, { idToken, tokens: null });
      if (!(await bindVouched(transaction, id, { accountId, sessionId, kept, expiresAt }))) return false;
      if (vouched.roles.length > 0) await sessions.setRoles(transaction, sessionId, vouched.roles);
      if (tokens !== null) await keepTokens(core, transaction, identity.id, tokens, now);
      await noteUse(transaction, identity.id, now);
      return true;
    });
  };
}
