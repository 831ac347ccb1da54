import type { Forgetting } from '../../../auth/accounts/accounts.ts';
import type { Core } from '../../../auth/core.ts';
import { Abandoned, attempt } from '../../../platform/sql/attempt.ts';
import { bytesToId, isId } from '../../../platform/text/uuid.ts';
import { originOf, type SignedInContext } from '../../../platform/web/context.ts';
import type { FlashName } from '../../../platform/web/flash.ts';
import type { Passwords } from '../../passwords/index.ts';
import { labelOf, type Provider } from '../providers/provider.ts';
import { deleteIdentity, identitiesOf } from '../store.ts';
import { connectionNotice } from './notice.ts';

type Disconnected = Removed | 'gone' | 'last';

type Removed = {
  readonly provider: string;
  /** The session's new token. */
  readonly token: string;
  readonly now: number;
  readonly forgetting: Forgetting;
};

/**
 * Disconnects an identity of the user who is signed in, unless it is their only way in; every other session ends, and
 * this one gets another token (A11).
 * Somebody else’s is answered like one that was never there (A17).
 */
export async function disconnect(
  core: Core,
  passwords: Passwords,
  providers: readonly Provider[],
  context: SignedInContext,
  identityId: string,
): Promise<FlashName> {
  const { user, session } = context.signedIn;
  const done = isId(identityId) ? await remove(core, passwords, providers, context, identityId) : 'gone';
  if (done === 'last') return 'lastWayIn';
  if (done === 'gone') return 'disconnectedAlready';
  // Once more: a sign-in by it may have begun a session while the change was not yet to be seen.
  await core.sessions.endOthers(user.id, session.id);
  core.devices.keep(context, user.id, done.forgetting, done.now);
  context.cookies.set('session', core.cookies.session({ ...session, token: done.token }, done.now));
  core.announce(
    { type: 'identity-unlinked', accountId: user.id, provider: done.provider },
    originOf(context),
  );
  return 'disconnected';
}

async function remove(
  core: Core,
  passwords: Passwords,
  providers: readonly Provider[],
  context: SignedInContext,
  identityId: string,
): Promise<Disconnected> {
  const { database, accounts, sessions, notices, clock } = core;
  const { user, session } = context.signedIn;
  // A password is never taken away, so what is found here still is there below.
  const hasPassword = (await passwords.version(user.id)) !== null;
  const now = clock();
  const removed = await attempt(database, async (transaction): Promise<Disconnected> => {
    // Of two who take away one of two ways in each, the second waits here and then sees that there is one left.
    await accounts.lock(transaction, user.id);
    if (!(await sessions.hold(transaction, session.id))) return 'gone';
    const all = await identitiesOf(transaction, user.id);
    const found = all.find(({ id }) => bytesToId(id) === identityId);
    if (found === undefined) return 'gone';
    if (!hasPassword && all.length === 1) return 'last';
    if (!(await deleteIdentity(transaction, user.id, identityId))) return 'gone';
    const token = await sessions.replaceToken(transaction, context.signedIn, now);
    if (token === null) throw new Abandoned();
    await sessions.endOthers(user.id, session.id, transaction);
    await core.pendingSignIns.endOthers(transaction, context, user.id);
    await core.oneTimeTokens.voidAfterPasswordChange(transaction, user.id);
    const forgetting = await accounts.forgetDevices(transaction, user.id, now);
    // What that site, or another one, has said that the person may be here goes with it.
    await sessions.setRoles(transaction, session.id, []);
    const label = labelOf(providers, found.provider);
    await notices.queue(transaction, connectionNotice(core, context, 'removed', label));
    return { provider: found.provider, token, now, forgetting };
  });
  return removed ?? 'gone';
}
