import type { Core } from '../../../auth/core.ts';
import { paths } from '../../../auth/paths.ts';
import type { User } from '../../../auth/sessions/session.ts';
import { newId } from '../../../platform/text/uuid.ts';
import type { SignedInContext, Submission } from '../../../platform/web/context.ts';
import type { FlashDefinition } from '../../../platform/web/flash.ts';
import { changes, flashes } from '../definitions.ts';
import { begin } from '../flow/begin.ts';
import type { ExternalIdentity } from '../protocol/exchange.ts';
import type { ProviderClient } from '../protocol/provider-client.ts';
import { handleOf } from '../providers/claims.ts';
import { type Provider, trustedAddressOf } from '../providers/provider.ts';
import { findIdentity, identitiesOf, insertIdentity, lockIdentity } from '../store.ts';
import { keepTokens } from '../tokens/keeping.ts';
import { connectionNotice } from './notice.ts';

/** How many connected identities one account may have. */
const MAX_IDENTITIES = 20;

/** Sends somebody who is signed in to a provider, to connect it with their account. */
export function startConnecting(core: Core, client: ProviderClient, submission: Submission<SignedInContext>) {
  const { user, session } = submission.context.signedIn;
  if (!mayConnect(core, user)) {
    core.pages.flash(submission.context, flashes.confirmAddressFirst);
    return core.pages.redirect(paths.confirmAddress);
  }
  return begin(core, client, submission, {
    intent: 'connect',
    sessionId: session.id,
    next: null,
    invitation: '',
  });
}

/** Connects the identity that the provider has proven; one that another account has stays there. */
export async function finishConnecting(
  core: Core,
  context: SignedInContext,
  provider: Provider,
  found: ExternalIdentity,
): Promise<Response> {
  core.pages.flash(context, await connect(core, context, provider, found));
  return core.pages.redirect(paths.connections);
}

async function connect(
  core: Core,
  context: SignedInContext,
  provider: Provider,
  found: ExternalIdentity,
): Promise<FlashDefinition> {
  const { user } = context.signedIn;
  if (!mayConnect(core, user)) return flashes.confirmAddressFirst;
  const known = await findIdentity(core.database.queries, found.issuer, found.subject);
  if (known !== null && known.accountId !== user.id) return flashes.connectedElsewhere;
  if (known !== null)
    return (await keepAnew(core, context, known.id, found))
      ? flashes.connectedAnew
      : flashes.connectedAlready;
  const connected = await keep(core, context, provider, found);
  if (connected.ok) return flashes.connected;
  if (connected.reason === 'too-many') return flashes.connectedTooMany;
  // The identity may just have been connected by another request; else the session has ended.
  const isTaken = (await findIdentity(core.database.queries, found.issuer, found.subject)) !== null;
  return isTaken ? flashes.connectedElsewhere : flashes.providerExpired;
}

/** One transaction with the new token of the session: whatever ends that session comes before or after. */
function keep(core: Core, context: SignedInContext, provider: Provider, found: ExternalIdentity) {
  const accountId = context.signedIn.user.id;
  const { issuer, subject, claims, tokens } = found;
  return core.changeCredential(context, changes.providerConnected, {
    accountId,
    apply: async (transaction, { at: now }) => {
      // The account is locked: two requests at once would both find a free slot.
      if ((await identitiesOf(transaction, accountId)).length >= MAX_IDENTITIES)
        return { ok: false, reason: 'too-many' };
      const id = newId(now);
      const verifiedEmailKey = trustedAddressOf(provider, claims)?.key ?? null;
      const about = { provider: provider.name, issuer, subject, handle: handleOf(claims), verifiedEmailKey };
      await insertIdentity(transaction, { id, accountId, now, ...about });
      if (tokens !== null) await keepTokens(core, transaction, id, tokens, now);
      return true;
    },
    notice: connectionNotice('added', provider.label),
    event: { type: 'identity-linked', accountId, provider: provider.name },
  });
}

/**
 * Whoever connects once more what they have, because the provider no longer honours its tokens, gets new ones.
 * @returns false where none are kept, or the session has ended
 */
async function keepAnew(
  core: Core,
  { signedIn: { session } }: SignedInContext,
  identityId: string,
  { tokens }: ExternalIdentity,
): Promise<boolean> {
  if (tokens === null) return false;
  const { database, sessions, clock } = core;
  return database.transaction(async (transaction) => {
    if (!(await sessions.hold(transaction, session.id))) return false;
    if (!(await lockIdentity(transaction, identityId))) return false;
    await keepTokens(core, transaction, identityId, tokens, clock());
    return true;
  });
}

/**
 * Nothing is added to an account whose address nobody has shown to be theirs: it may have been made in somebody else’s
 * name, who then gets it back by a mail (A20).
 */
function mayConnect({ mail }: Core, { email, emailVerified }: User): boolean {
  return email === null || emailVerified || !mail.isPossible;
}
