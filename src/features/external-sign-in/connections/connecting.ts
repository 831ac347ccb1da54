import type { Core } from '../../../auth/core.ts';
import { paths } from '../../../auth/paths.ts';
import type { User } from '../../../auth/sessions/session.ts';
import { newId } from '../../../platform/text/uuid.ts';
import { originOf, type SignedInContext, type Submission } from '../../../platform/web/context.ts';
import type { FlashName } from '../../../platform/web/flash.ts';
import { begin } from '../flow/begin.ts';
import type { ExternalIdentity } from '../protocol/exchange.ts';
import type { ProviderClient } from '../protocol/provider-client.ts';
import { handleOf } from '../providers/claims.ts';
import { type Provider, trustedAddressOf } from '../providers/provider.ts';
import { findIdentity, identitiesOf, insertIdentity, lockIdentity } from '../store.ts';
import { keepTokens } from '../tokens/keeping.ts';
import { connectionNotice } from './notice.ts';

/** One account has no more connected identities than this. */
const MOST_IDENTITIES = 20;

/** Sends somebody who is signed in to a provider, to connect it with their account. */
export function startConnecting(core: Core, client: ProviderClient, submission: Submission<SignedInContext>) {
  const { user, session } = submission.context.signedIn;
  if (!mayConnect(core, user)) {
    core.pages.flash(submission.context, 'confirmAddressFirst');
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
): Promise<FlashName> {
  const { user } = context.signedIn;
  if (!mayConnect(core, user)) return 'confirmAddressFirst';
  const known = await findIdentity(core.database.queries, found.issuer, found.subject);
  if (known !== null && known.accountId !== user.id) return 'connectedElsewhere';
  if (known !== null)
    return (await keepAnew(core, context, known.id, found)) ? 'connectedAnew' : 'connectedAlready';
  try {
    const kept = await keep(core, context, provider, found);
    if (kept === 'full') return 'connectedTooMany';
    if (kept === null) return 'providerExpired';
    const cookie = core.cookies.session({ ...context.signedIn.session, token: kept.token }, kept.now);
    context.cookies.set('session', cookie);
  } catch (error) {
    // Somebody else has connected it at this very moment.
    if (core.database.isUniqueViolation(error)) return 'connectedElsewhere';
    throw error;
  }
  core.announce({ type: 'identity-linked', accountId: user.id, provider: provider.name }, originOf(context));
  return 'connected';
}

/**
 * In one transaction: whatever ends the session it is done in, such as a change of password, comes before or after it. The
 * session gets another token, since it was good for another way in.
 * @returns that token; null where the session has ended; `full` where the account may have no more identities
 */
function keep(
  core: Core,
  context: SignedInContext,
  provider: Provider,
  found: ExternalIdentity,
): Promise<{ readonly token: string; readonly now: number } | 'full' | null> {
  const { database, sessions, notices, clock } = core;
  const { user } = context.signedIn;
  const now = clock();
  const { issuer, subject } = found;
  const identity = { id: newId(now), accountId: user.id, provider: provider.name, issuer, subject, now };
  return database.transaction(async (transaction) => {
    // Two at once would both find room for one.
    await core.accounts.lock(transaction, user.id);
    if ((await identitiesOf(transaction, user.id)).length >= MOST_IDENTITIES) return 'full';
    const token = await sessions.replaceToken(transaction, context.signedIn, now);
    if (token === null) return null;
    const verifiedEmailKey = trustedAddressOf(provider, found.claims)?.key ?? null;
    await insertIdentity(transaction, { ...identity, handle: handleOf(found.claims), verifiedEmailKey });
    if (found.tokens !== null) await keepTokens(core, transaction, identity.id, found.tokens, now);
    await notices.queue(transaction, connectionNotice(core, context, 'added', provider.label));
    return { token, now };
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
