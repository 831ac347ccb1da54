import { z } from 'zod';
import { defineAction, definePage } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import { flashes as authFlashes, events } from '../../auth/definitions.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext, SignedInContext } from '../../auth/request-context.ts';
import { sessionCookie } from '../../auth/sessions/session-cookie.ts';
import type { Done } from '../../platform/outcomes/index.ts';
import { clearSiteData, originOf } from '../../platform/web/index.ts';
import { flashes } from './definitions.ts';
import { logoutView } from './pages.ts';

/** A button that posts: a link alone signs no user out. */
export const logoutPage = definePage({
  path: '/logout',
  access: 'public',
  load:
    ({ pages, locations }) =>
    ({ signedIn }) =>
      signedIn === null
        ? pages.redirect(paths.login)
        : { username: signedIn.user.username, home: locations.onward(null) },
  view: logoutView,
});

export const logout = defineAction({
  path: '/logout',
  access: 'signed-in',
  input: z.object({}),
  reasons: {},
  run:
    (core) =>
    ({ context }) =>
      signOut(core, context),
});

/** A user is signed out: where to go next, and what the response has to carry. */
export type SignedOut = Done & { readonly data: { readonly signOutUrl: string | null } };

/**
 * Signs the user out: the session ends in the database first, then in the browser. API clients find in `signOutUrl` where
 * the sign-out continues at the identity provider, or null.
 */
export async function signOut(core: Core, context: SignedInContext): Promise<SignedOut> {
  const { sessions, cookies, announce, pages, settings, locations } = core;
  const { user, session } = context.signedIn;
  const redirect = await core.signOutRedirect(context, session);
  const isEnded = await sessions.end(user.id, session.id);
  if (isEnded) announce(events.signedOut, { accountId: user.id, sessionId: session.id }, originOf(context));
  cookies.clear(context, sessionCookie);
  // The page that leads on has no sign-out button, on which a second click would land and lead away from the provider.
  const ended: RequestContext = context;
  ended.signedIn = null;
  const after = settings.afterSignOut;
  // A page of the application says so itself, and would leave the message to a later page of ours.
  const more = redirect?.url === null ? [redirect.flash] : [];
  if (after === undefined) pages.flash(context, authFlashes.signedOut, ...more);
  context.keepsPage = true;
  return {
    ok: true,
    next: after === undefined ? paths.login : locations.onward(after),
    headers: clearSiteData(settings.signOutClears),
    data: { signOutUrl: redirect?.url?.href ?? null },
    ...(redirect !== null && redirect.url !== null && { draw: redirect.draw }),
  };
}

/** Cancels a pending sign-in; no user is signed in. */
export const cancelSignIn = defineAction({
  path: '/login/cancel',
  page: '/login',
  access: 'public',
  input: z.object({}),
  reasons: {},
  run:
    ({ pendingSignIns }) =>
    async ({ context }) => {
      await pendingSignIns.drop(context);
      return { ok: true, next: paths.login, flashes: [flashes.signInCancelled] };
    },
});
