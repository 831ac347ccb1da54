import type { Core } from '../../../auth/core.ts';
import { paths } from '../../../auth/paths.ts';
import type { RequestContext } from '../../../auth/request-context.ts';
import { progressOf } from '../../../auth/sign-in.ts';
import { originOf } from '../../../platform/web/context.ts';
import type { FlashDefinition } from '../../../platform/web/flash.ts';
import { withNext } from '../../../platform/web/next-path.ts';
import type { Failure } from '../client/failure.ts';
import { events, flashes, type ProviderFailure } from '../definitions.ts';
import type { Provider } from '../providers/provider.ts';
import type { NewAuthorizationRequest } from './authorization-request.ts';

const FLASHES: Readonly<Record<ProviderFailure, FlashDefinition>> = {
  expired: flashes.providerExpired,
  cancelled: flashes.providerCancelled,
  refused: flashes.providerFailed,
  unavailable: flashes.providerUnavailable,
  invalid: flashes.providerFailed,
  'not-admitted': flashes.providerRefused,
  unknown: flashes.providerUnknown,
};

type Request = Pick<NewAuthorizationRequest, 'intent' | 'next'>;

/** Reports a failure and redirects to the page where the request was created. */
export function answerFailure(
  { announce, pages }: Core,
  context: RequestContext,
  { name }: Provider,
  { reason, code, providerSaid }: Failure,
  request: Request | null,
): Response {
  const said = providerSaid === undefined ? {} : { providerSaid };
  announce(events.providerFailed, { provider: name, reason, code, ...said }, originOf(context));
  pages.flash(context, FLASHES[reason]);
  return pages.redirect(returnPath(context, request));
}

function returnPath(context: RequestContext, request: Request | null): string {
  if (request === null) return context.signedIn === null ? paths.login : paths.home;
  const { intent, next } = request;
  if (intent === 'connect') return paths.connections;
  return withNext(intent === 'confirm' ? paths.confirm : paths.login, next);
}

/**
 * Completes a sign-in with a federated login.
 * @returns the path to redirect to, which may be that of a required step; null if the user is refused
 */
export async function enter(
  { completeSignIn }: Core,
  context: RequestContext,
  { accountId, federatedLoginId }: { readonly accountId: string; readonly federatedLoginId: string },
  next: string | null,
): Promise<string | null> {
  const proof = { method: 'external', credential: federatedLoginId, facts: [] } as const;
  const outcome = await completeSignIn(context, { accountId, isRemembered: false, next, ...proof });
  return progressOf(outcome, next)?.next ?? null;
}
