import { z } from 'zod';
import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { AfterSignIn } from '../../auth/required-steps/sign-in-step.ts';
import { progressOf, type SignInProgress } from '../../auth/sign-in.ts';
import { hashToken, openValue, sealValue } from '../../platform/crypto/index.ts';
import { HOUR } from '../../platform/runtime/index.ts';
import { roleFacts } from '../second-factors/index.ts';
import type { ExternalIdentity } from './client/authorization-code.ts';
import { EXTERNAL } from './definitions.ts';
import { type FederatedLoginId, federatedLoginIds } from './federated-login-id.ts';
import type { Provider } from './providers/provider.ts';
import { bindFederatedLogin, findFederatedLogin, insertFederatedLogin } from './store/federated-logins.ts';
import { findIdentity, lockIdentity, noteUse } from './store/identities.ts';
import { keepTokens, providerTokens } from './store/tokens.ts';

/** The time for choosing a username and for all required steps, in milliseconds. */
const LIFETIME = HOUR;

const retained = z.object({ idToken: z.string().nullable(), tokens: providerTokens.nullable() });

/** What a provider has issued and a setting asks to retain. */
type Retained = z.infer<typeof retained>;

/**
 * Records a sign-in at a provider before a session or an account exists; the session is bound to it when it begins, after
 * any number of required steps.
 * @returns the id by which the gate knows the proof
 */
export async function recordFederatedLogin(
  { database, providerSeal, clock }: Core,
  { name: provider }: Provider,
  identity: ExternalIdentity,
): Promise<FederatedLoginId> {
  const { issuer, subject, sid, authenticatedAt, roles, idToken, tokens } = identity;
  const now = clock();
  const id = federatedLoginIds.create(now);
  await insertFederatedLogin(database.queries, {
    ...{ id, provider, issuer, subject, authenticatedAt, roles, now },
    sidHash: sid === null ? null : hashToken(sid),
    kept: seal(providerSeal, id, { idToken, tokens }),
    expiresAt: now + LIFETIME,
  });
  return id;
}

function seal(key: Core['providerSeal'], id: FederatedLoginId, values: Retained): Uint8Array | null {
  return values.idToken === null && values.tokens === null ? null : sealValue(key, values, `sign-in ${id}`);
}

/** Opens what was retained of a federated login. */
export function openRetained(
  key: Core['providerSeal'],
  id: FederatedLoginId,
  sealed: Uint8Array | null,
): Retained {
  const values = sealed === null ? null : openValue(key, retained, sealed, `sign-in ${id}`);
  return values ?? { idToken: null, tokens: null };
}

/**
 * Binds a new session to its federated login, so that it ends when the provider says so and has the roles that the
 * provider gave. There is no session if the login was withdrawn meanwhile (A12).
 */
export function bindToSession(core: Core): AfterSignIn {
  const { database, providerSeal, sessions } = core;
  return async (_context, { method, credential, accountId, sessionId, now, expiresAt }) => {
    if (method !== EXTERNAL) return true;
    const id = federatedLoginIds.parse(credential);
    if (id === null) return false;
    return database.transaction(async (transaction) => {
      const login = await findFederatedLogin(transaction, id);
      if (login === null) return false;
      const identity = await findIdentity(transaction, login.issuer, login.subject);
      if (identity?.accountId !== accountId || !(await lockIdentity(transaction, identity.id))) return false;
      const { idToken, tokens } = openRetained(providerSeal, id, login.kept);
      const kept = seal(providerSeal, id, { idToken, tokens: null });
      if (!(await bindFederatedLogin(transaction, id, { accountId, sessionId, kept, expiresAt })))
        return false;
      if (login.roles.length > 0) await sessions.setRoles(transaction, sessionId, login.roles);
      if (tokens !== null) await keepTokens(core, transaction, identity.id, tokens, now);
      await noteUse(transaction, identity.id, now);
      return true;
    });
  };
}

/**
 * Completes a sign-in with a federated login.
 * @returns null if the user is refused
 */
export async function completeFederatedLogin(
  core: Core,
  context: RequestContext,
  {
    accountId,
    federatedLoginId,
  }: { readonly accountId: AccountId; readonly federatedLoginId: FederatedLoginId },
  next: string | null,
): Promise<SignInProgress | null> {
  const login = await findFederatedLogin(core.database.queries, federatedLoginId);
  const facts = roleFacts(core, login?.roles ?? []);
  const proof = { method: EXTERNAL, credential: federatedLoginId, facts } as const;
  const outcome = await core.completeSignIn(context, { accountId, isRemembered: false, next, ...proof });
  return progressOf(core.locations, outcome, next);
}
