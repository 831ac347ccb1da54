import type { Core } from '../../../auth/core.ts';
import { bytesToId, isId } from '../../../platform/text/uuid.ts';
import type { SignedInContext } from '../../../platform/web/context.ts';
import type { FlashDefinition } from '../../../platform/web/flash.ts';
import type { Passwords } from '../../passwords/index.ts';
import { changes, flashes } from '../definitions.ts';
import { labelOf, type Provider } from '../providers/provider.ts';
import { deleteIdentity, identitiesOf } from '../store.ts';
import { connectionNotice } from './notice.ts';

/**
 * Disconnects an identity of the user who is signed in, unless it is their only way in (A11). One of another account is
 * answered like one that was never there (A17).
 */
export async function disconnect(
  core: Core,
  passwords: Passwords,
  providers: readonly Provider[],
  context: SignedInContext,
  identityId: string,
): Promise<FlashDefinition> {
  const { user, session } = context.signedIn;
  const { queries } = core.database;
  const all = isId(identityId) ? await identitiesOf(queries, user.id) : [];
  const found = all.find(({ id }) => bytesToId(id) === identityId);
  if (found === undefined) return flashes.disconnectedAlready;
  const { provider } = found;
  // A password is never removed, so what is found here is there when the change is made, too.
  const hasPassword = (await passwords.version(user.id)) !== null;
  const disconnected = await core.changeCredential(context, changes.providerDisconnected, {
    accountId: user.id,
    apply: async (transaction) => {
      // The account is locked: of two requests that remove one of two ways in each, the second sees that one is left.
      const isLast = !hasPassword && (await identitiesOf(transaction, user.id)).length === 1;
      if (!(await deleteIdentity(transaction, user.id, identityId))) return false;
      if (isLast) return { ok: false, reason: 'last-way-in' };
      // The roles that this provider, or another one, has given the user here go with it.
      await core.sessions.setRoles(transaction, session.id, []);
      return true;
    },
    notice: connectionNotice('removed', labelOf(providers, provider)),
    event: { type: 'identity-unlinked', accountId: user.id, provider },
  });
  if (disconnected.ok) return flashes.disconnected;
  return disconnected.reason === 'last-way-in' ? flashes.lastWayIn : flashes.disconnectedAlready;
}
