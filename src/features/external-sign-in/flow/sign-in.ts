import type { Core } from '../../../core/core.ts';
import type { RequestContext } from '../../../core/http/context.ts';
import { paths } from '../../../core/paths.ts';
import type { Newcomers } from '../newcomers/newcomers.ts';
import type { ExternalIdentity } from '../protocol/exchange.ts';
import type { Provider } from '../providers/provider.ts';
import { findIdentity, noteUse } from '../store.ts';
import type { Transaction } from '../transactions/transactions.ts';

/** Signs in whoever has this identity here, by way of the gate; whoever is new is asked for a username first. */
export async function finishSignIn(
  core: Core,
  context: RequestContext,
  newcomers: Newcomers,
  provider: Provider,
  { next }: Transaction,
  found: ExternalIdentity,
): Promise<Response> {
  const { queries } = core.database;
  const known = await findIdentity(queries, found.issuer, found.subject);
  if (known === null) return newcomers.receive(context, provider, found, next);
  const path = await enter(core, context, known, next);
  if (path !== null) await noteUse(queries, known.id, core.clock());
  else core.pages.flash(context, 'providerRefused');
  return core.pages.redirect(path ?? paths.login);
}

/**
 * Goes through the gate with an identity of an account.
 * @returns the way on: where the person wanted to go, or a step; null where nobody is to be let in
 */
export async function enter(
  { completeSignIn }: Core,
  context: RequestContext,
  identity: { readonly id: string; readonly accountId: string },
  next: string | null,
): Promise<string | null> {
  const { accountId, id: credential } = identity;
  const proof = { method: 'external', credential, facts: [] } as const;
  const outcome = await completeSignIn(context, { accountId, isRemembered: false, next, ...proof });
  if (outcome.signedIn) return next ?? paths.home;
  return outcome.reason === 'step' ? outcome.path : null;
}
