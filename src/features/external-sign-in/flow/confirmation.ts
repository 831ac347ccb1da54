import type { Core } from '../../../auth/core.ts';
import { paths, withNext } from '../../../auth/paths.ts';
import { originOf, type SignedInContext } from '../../../platform/web/context.ts';
import { acceptProof } from '../../fresh-proof/index.ts';
import { flashes } from '../definitions.ts';
import type { ExternalIdentity } from '../protocol/exchange.ts';
import { findIdentity, noteUse } from '../store.ts';
import type { Transaction } from '../transactions/transactions.ts';

/** Takes as proof what the provider had somebody show just now, if it is an identity of whoever is signed in (A38). */
export async function finishConfirmation(
  core: Core,
  context: SignedInContext,
  { next }: Transaction,
  found: ExternalIdentity,
): Promise<Response> {
  const { user, session } = context.signedIn;
  const known = await findIdentity(core.database.queries, found.issuer, found.subject);
  if (known?.accountId !== user.id) {
    const about = { accountId: user.id, sessionId: session.id };
    core.announce({ type: 'identity-not-confirmed', ...about }, originOf(context));
    core.pages.flash(context, flashes.confirmedByOther);
    return core.pages.redirect(withNext(paths.confirm, next));
  }
  await noteUse(core.database.queries, known.id, core.clock());
  return acceptProof(core, context, 'provider', next);
}
