import type { Core } from '../../../auth/core.ts';
import type { ProviderFailure } from '../../../auth/events.ts';
import { paths, withNext } from '../../../auth/paths.ts';
import { originOf, type RequestContext } from '../../../platform/web/context.ts';
import type { FlashDefinition } from '../../../platform/web/flash.ts';
import { flashes } from '../definitions.ts';
import type { Failure } from '../protocol/failure.ts';
import type { Provider } from '../providers/provider.ts';
import type { Beginning } from '../transactions/transactions.ts';

const MESSAGES: Readonly<Record<ProviderFailure, FlashDefinition>> = {
  expired: flashes.providerExpired,
  cancelled: flashes.providerCancelled,
  refused: flashes.providerFailed,
  unavailable: flashes.providerUnavailable,
  invalid: flashes.providerFailed,
  'not-admitted': flashes.providerRefused,
  unknown: flashes.providerUnknown,
};

/** Leads somebody for whom it came to nothing back to where the other ways are. */
export function answerFailure(
  { announce, pages }: Core,
  context: RequestContext,
  { name }: Provider,
  { reason, code, providerSaid }: Failure,
  beginning: Pick<Beginning, 'intent' | 'next'> | null,
): Response {
  const said = providerSaid === undefined ? {} : { providerSaid };
  announce({ type: 'provider-failed', provider: name, reason, code, ...said }, originOf(context));
  pages.flash(context, MESSAGES[reason]);
  return pages.redirect(wayBack(context, beginning));
}

function wayBack(context: RequestContext, beginning: Pick<Beginning, 'intent' | 'next'> | null): string {
  if (beginning === null) return context.signedIn === null ? paths.login : paths.home;
  const { intent, next } = beginning;
  if (intent === 'connect') return paths.connections;
  return withNext(intent === 'confirm' ? paths.confirm : paths.login, next);
}
