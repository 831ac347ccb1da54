import type { Core } from '../../../auth/core.ts';
import { paths } from '../../../auth/paths.ts';
import type { RequestContext } from '../../../platform/web/context.ts';
import { flashes } from '../definitions.ts';
import type { Newcomers } from '../newcomers/newcomers.ts';
import type { ExternalIdentity } from '../protocol/exchange.ts';
import type { Provider } from '../providers/provider.ts';
import { findIdentity } from '../store.ts';
import type { Transaction } from '../transactions/transactions.ts';
import { noteVouched } from '../vouched/vouched.ts';

/** Signs in whoever has this identity here, by way of the gate; whoever is new is asked for a username first. */
export async function finishSignIn(
  core: Core,
  context: RequestContext,
  newcomers: Newcomers,
  provider: Provider,
  { next, invitation }: Transaction,
  found: ExternalIdentity,
): Promise<Response> {
  const known = await findIdentity(core.database.queries, found.issuer, found.subject);
  const vouchedId = await noteVouched(core, provider, found);
  if (known === null)
    return newcomers.receive(context, provider, { ...found, vouchedId }, { next, invitation });
  const path = await enter(core, context, { accountId: known.accountId, vouchedId }, next);
  if (path === null) core.pages.flash(context, flashes.providerRefused);
  return core.pages.redirect(path ?? paths.login);
}

/**
 * Goes through the gate with what a provider has vouched for.
 * @returns the way on: where the person wanted to go, or a step; null where nobody is to be let in
 */
export async function enter(
  { completeSignIn }: Core,
  context: RequestContext,
  { accountId, vouchedId: credential }: { readonly accountId: string; readonly vouchedId: string },
  next: string | null,
): Promise<string | null> {
  const proof = { method: 'external', credential, facts: [] } as const;
  const outcome = await completeSignIn(context, { accountId, isRemembered: false, next, ...proof });
  if (outcome.signedIn) return next ?? paths.home;
  return outcome.reason === 'step' ? outcome.path : null;
}
