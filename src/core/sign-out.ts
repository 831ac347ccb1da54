import type { Core } from './core.ts';
import { originOf, type SignedInContext } from './http/context.ts';
import { CLEAR_SITE_DATA } from './http/headers.ts';
import { paths } from './paths.ts';

/** Signs out whoever asks: the session ends in the database first, then in the browser. */
export async function signOut(
  { sessions, cookies, announce, pages }: Core,
  context: SignedInContext,
): Promise<Response> {
  const { user, session } = context.signedIn;
  await sessions.end(user.id, session.id);
  announce({ type: 'signed-out', accountId: user.id, sessionId: session.id }, originOf(context));
  context.cookies.set('session', cookies.clear('session'));
  pages.flash(context, 'signedOut');
  return pages.redirect(paths.login, CLEAR_SITE_DATA);
}
