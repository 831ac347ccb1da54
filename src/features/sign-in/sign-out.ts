import type { Core } from '../../auth/core.ts';
import { events, flashes } from '../../auth/definitions.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext, SignedInContext } from '../../auth/request-context.ts';
import { sessionCookie } from '../../auth/sessions/session-cookie.ts';
import type { Done } from '../../platform/outcomes/index.ts';
import { clearSiteData, originOf } from '../../platform/web/index.ts';

/**
 * Signs the user out: the session ends in the database first, then in the browser. API clients find in `signOutUrl` where
 * the sign-out continues at the identity provider, or null.
 */
export async function signOut(core: Core, context: SignedInContext): Promise<Done> {
  const { sessions, cookies, announce, pages, settings } = core;
  const { user, session } = context.signedIn;
  const redirect = await core.signOutRedirect(context, session);
  const isEnded = await sessions.end(user.id, session.id);
  if (isEnded) announce(events.signedOut, { accountId: user.id, sessionId: session.id }, originOf(context));
  cookies.clear(context, sessionCookie);
  // The page that leads on has no sign-out button, on which a second click would land and lead away from the provider.
  const ended: RequestContext = context;
  ended.signedIn = null;
  pages.flash(context, flashes.signedOut);
  context.keepsPage = true;
  return {
    ok: true,
    next: paths.login,
    headers: clearSiteData(settings.signOutClears),
    data: { signOutUrl: redirect?.url.href ?? null },
    ...(redirect !== null && { response: await redirect.draw() }),
  };
}
