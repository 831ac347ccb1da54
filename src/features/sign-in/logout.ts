import type { Core } from '../../core/core.ts';
import {
  originOf,
  type RequestContext,
  type SignedInContext,
  type Submission,
} from '../../core/http/context.ts';
import { messages } from '../../core/pages/messages.ts';
import { logoutForm } from './pages.ts';

const CLEARED = { 'clear-site-data': '"cache", "storage"' };

/** GET /logout: a button that posts; a link alone signs nobody out. */
export function showLogout({ pages }: Core) {
  return (context: RequestContext) => {
    if (context.signedIn === null) return pages.redirect('/login');
    const body = logoutForm({ csrf: pages.csrfToken(context), username: context.signedIn.user.username });
    return pages.show(context, 200, { title: messages.logout.title, body });
  };
}

/** POST /logout: the session ends in the database first, then in the browser. */
export function submitLogout({ sessions, cookies, announce, pages }: Core) {
  return async ({ context }: Submission<SignedInContext>) => {
    const { user, session } = context.signedIn;
    await sessions.end(user.id, session.id);
    announce({ type: 'signed-out', accountId: user.id, sessionId: session.id }, originOf(context));
    context.cookies.set('session', cookies.clear('session'));
    pages.flash(context, 'signedOut');
    return pages.redirect('/login', CLEARED);
  };
}
